//! What the service counts itself, as `/metrics` shows it (Prometheus text format).

use crate::{
    error::BenchError,
    load::{Connection, Request},
    process::Server,
};

/// The sum of the counter `name` over all series that have `labels`.
pub(crate) async fn counted(server: &Server, name: &str, labels: &[(&str, &str)]) -> Result<f64, BenchError> {
    let address = server.metrics();
    let request = Request::get("/metrics");
    let mut connection = Connection::open(address).await.map_err(BenchError::io("connect"))?;
    let answer = connection.exchange(&request.to_bytes(&address.to_string())).await;
    let answer = answer.map_err(BenchError::io("read the metrics"))?;
    Ok(sum(&String::from_utf8_lossy(answer.body), name, labels))
}

fn sum(text: &str, name: &str, labels: &[(&str, &str)]) -> f64 {
    text.lines()
        .filter_map(|line| line.strip_prefix(name)?.strip_prefix('{')?.split_once("} "))
        .filter(|(found, _)| {
            labels
                .iter()
                .all(|(label, value)| found.split(',').any(|pair| pair == format!("{label}=\"{value}\"")))
        })
        .filter_map(|(_, value)| value.parse::<f64>().ok())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_with_the_labels_are_added_up() {
        let text = "# HELP a_total A.\na_total{route=\"/x\",method=\"GET\"} 1\na_total{route=\"/x\",method=\"POST\"} 2\n\
                    a_total{route=\"/xy\",method=\"GET\"} 4\na_total_more{route=\"/x\"} 8\n";
        let of = |labels: &[(&str, &str)]| sum(text, "a_total", labels);
        assert!((of(&[("route", "/x")]) - 3.0).abs() < f64::EPSILON);
        assert!((of(&[("route", "/x"), ("method", "POST")]) - 2.0).abs() < f64::EPSILON);
        assert!((of(&[]) - 7.0).abs() < f64::EPSILON);
    }
}

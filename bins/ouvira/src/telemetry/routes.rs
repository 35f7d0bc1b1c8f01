//! Which route a path leads to, by number: known once, looked up without an allocation.

use serde_json::Value;

use crate::http::successor;

/// What is served besides the documented routes.
const UNDOCUMENTED: [&str; 11] = [
    "/health",
    "/.well-known/jwks.json",
    "/api/openapi.json",
    "/api/docs",
    "/api/docs/{file}",
    "/swagger",
    "/swagger/{file}",
    "/redoc",
    "/redoc/{file}",
    "/scalar",
    "/scalar/{file}",
];

/// The templates of all routes, as a tree of their segments.
#[derive(Debug)]
pub(crate) struct Routes {
    templates: Vec<String>,
    root: Node,
}

#[derive(Debug, Default)]
struct Node {
    route: Option<usize>,
    named: Vec<(String, Node)>,
    /// Where a parameter stands.
    any: Option<Box<Node>>,
}

impl Routes {
    /// The routes of an `OpenAPI` document, and what is served besides.
    pub(crate) fn of(document: &Value) -> Self {
        let mut this = Self { templates: Vec::new(), root: Node::default() };
        let documented = document["paths"].as_object().into_iter().flat_map(|paths| paths.keys());
        for template in documented.map(String::as_str).chain(UNDOCUMENTED) {
            let end = segments(template).fold(&mut this.root, Node::grow);
            end.route = Some(this.templates.len());
            this.templates.push(template.to_owned());
        }
        this
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.templates.len()
    }

    /// The template of a route.
    pub(crate) fn template(&self, route: usize) -> &str {
        &self.templates[route]
    }

    /// The route that `path` leads to, under an older name too.
    pub(crate) fn find(&self, path: &str) -> Option<usize> {
        self.root
            .find(segments(path))
            .or_else(|| successor(path).and_then(|path| self.root.find(segments(&path))))
    }
}

impl Node {
    fn grow(&mut self, segment: &str) -> &mut Self {
        if segment.starts_with('{') {
            return self.any.get_or_insert_default();
        }
        let at = self.named.iter().position(|(name, _)| name == segment).unwrap_or_else(|| {
            self.named.push((segment.to_owned(), Self::default()));
            self.named.len() - 1
        });
        &mut self.named[at].1
    }

    /// A name is preferred to a parameter, as the router does.
    fn find<'p>(&self, mut rest: impl Iterator<Item = &'p str> + Clone) -> Option<usize> {
        let Some(segment) = rest.next() else { return self.route };
        let named = self.named.iter().find(|(name, _)| name == segment).map(|(_, node)| node);
        [named, self.any.as_deref()].into_iter().flatten().find_map(|node| node.find_in(rest.clone()))
    }

    /// The same: the compiler does not see the end of a function that is generic in what it passes on.
    fn find_in<'p>(&self, rest: impl Iterator<Item = &'p str> + Clone) -> Option<usize> {
        self.find(rest)
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> + Clone {
    path.strip_prefix('/').unwrap_or(path).trim_end_matches('/').split('/')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_to_its_template() {
        let routes = Routes::of(&json!({"paths": {
            "/api/v1/company": {}, "/api/v1/company/{id}": {}, "/api/v1/company/{id}/tree": {},
            "/api/v1/audit/logs/my": {}, "/api/v1/audit/logs/{id}/proof": {}, "/api/v1/auth/login/2fa/totp": {},
        }}));
        let template = |path| routes.find(path).map(|route| routes.template(route));
        for (path, expected) in [
            ("/api/v1/company", "/api/v1/company"),
            ("/api/v1/company/", "/api/v1/company"),
            ("/api/company", "/api/v1/company"),
            ("/api/v1/company/7", "/api/v1/company/{id}"),
            ("/api/v1/company/7/tree", "/api/v1/company/{id}/tree"),
            ("/api/v1/audit/logs/my", "/api/v1/audit/logs/my"),
            ("/api/v1/audit/logs/my/proof", "/api/v1/audit/logs/{id}/proof"),
            ("/api/auth/login-2fa-verify-code/", "/api/v1/auth/login/2fa/totp"),
            ("/swagger/index.js", "/swagger/{file}"),
        ] {
            assert_eq!(template(path), Some(expected), "{path}");
        }
        for path in ["/", "", "/api/v1", "/api/v1/company/7/8", "/api/v1/audit/logs/7", "//", "/wp-login.php"]
        {
            assert_eq!(template(path), None, "{path}");
        }
    }
}

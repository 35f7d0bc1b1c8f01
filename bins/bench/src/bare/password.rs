//! P4: one password hash, on as many threads as there are cores, each with memory of its own. It shows what the cores can
//! hash.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use actix_web::{HttpResponse, error::ErrorServiceUnavailable, web};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use serde::Deserialize;
use tokio::sync::oneshot;

/// OWASP's first choice for Argon2id, as in the service.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const LENGTH: usize = 32;

struct Job {
    password: String,
    reply: oneshot::Sender<[u8; LENGTH]>,
}

/// The threads that hash.
#[derive(Clone)]
pub(super) struct Hasher(Sender<Job>);

impl Hasher {
    /// Starts them.
    pub(super) fn start(threads: usize) -> Self {
        let (queue, jobs) = channel();
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..threads {
            let jobs = Arc::clone(&jobs);
            thread::spawn(move || work(&jobs));
        }
        Self(queue)
    }

    async fn hash(&self, password: String) -> Option<[u8; LENGTH]> {
        let (reply, answer) = oneshot::channel();
        self.0.send(Job { password, reply }).ok()?;
        answer.await.ok()
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(LENGTH)).expect("the cost is within RFC 9106");
    let mut memory = vec![Block::new(); params.block_count()];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { password, reply }) = next else { return };
        let mut hash = [0; LENGTH];
        if argon2
            .hash_password_into_with_memory(password.as_bytes(), &[7; 16], &mut hash, &mut memory[..])
            .is_ok()
        {
            // Whoever asked may be gone by now.
            let _ = reply.send(hash);
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Login {
    password: String,
}

pub(super) async fn handle(
    hasher: web::Data<Hasher>,
    body: web::Json<Login>,
) -> actix_web::Result<HttpResponse> {
    let hash = hasher.hash(body.into_inner().password).await;
    let hash = hash.ok_or_else(|| ErrorServiceUnavailable("the hashing threads are gone"))?;
    Ok(HttpResponse::Ok().json(hash))
}

//! An Argo CD in which one case of one row is tried: what goes wrong there, and what is looked at.

use super::super::ground::{self, Watched, at, automated, operation, other_key, synced, under};
use super::rows::{Row, World};
use crate::argo_server::{ArgoCd, Does, HOSTILE, commit};
use crate::matrix::{Case, EVER, Ground, Must, authority, behind};
use crate::support::until;
use holdpoint::backend::Backend;
use holdpoint::backend::argocd::ArgoCdBackend;
use holdpoint::domain::operation::{Operation, Verb};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Mutex;

const LOOK: &str = "/applications/api";

/// A world as it is to begin with.
pub async fn made(world: World) -> ArgoCd {
    let server = match world {
        World::Off | World::Merged => synced().await,
        World::On | World::Paused | World::Busy => automated().await,
    };
    match world {
        World::Merged => server.merge("main", &commit('c')),
        World::Paused => {
            under(&server, operation(Verb::Pause, &[]), other_key()).await.unwrap();
        }
        World::Busy => {
            server.state().hanging.push(commit('c'));
            server.merge("main", &commit('c'));
            let runs = || server.get("api")["status"]["operationState"]["phase"] == "Running";
            until("auto-sync hangs", runs).await;
        }
        World::Off | World::On => {}
    }
    server
}

/// A copy of a world.
pub struct Trial<'a> {
    row: &'a Row,
    server: ArgoCd,
    backend: ArgoCdBackend,
    watched: Mutex<Option<Watched>>,
}

impl<'a> Trial<'a> {
    pub fn new(row: &'a Row, world: &ArgoCd) -> Self {
        let server = world.copy();
        let mut spec = ground::spec(&server);
        spec.endpoint.ca = Some(authority(server.token_file().parent().unwrap()));
        let backend = ground::with(spec, "api");
        Self { row, server, backend, watched: Mutex::default() }
    }

    /// The request that goes wrong.
    fn wrong(&self) -> (&'static str, &'static str) {
        self.row.sends.get(self.row.at).copied().unwrap_or(("GET", LOOK))
    }

    /// Whether a watch that was cut, and was told nothing meanwhile, tells it all the same.
    async fn caught_up(&self) -> Result<(), String> {
        let Some(mut watched) = self.watched.lock().unwrap().take() else { return Ok(()) };
        self.server.state().controller = false;
        self.server.state().silent = false;
        self.server.cut_streams();
        let mut new = Watched::new(&self.backend);
        new.until("a new watch", |w| w.snapshots == 1).await;
        watched.until("it is told as a new watch tells it", |w| w.rows == new.rows).await;
        Ok(())
    }
}

/// What somebody else has begun.
fn theirs() -> Value {
    json!({ "sync": { "revision": commit('d'), "source": { "repoURL": "https://git.example/team/deploy.git" } },
        "initiatedBy": { "username": "kim" } })
}

impl Ground for Trial<'_> {
    fn backend(&self) -> &dyn Backend {
        &self.backend
    }

    fn wish(&self, case: Case) -> Operation {
        let mut wish = operation(self.row.verb, self.row.args);
        if case == Case::HostileWish {
            wish.args.values_mut().for_each(|value| HOSTILE.clone_into(value));
            if wish.args.is_empty() {
                wish.args.insert(HOSTILE.to_owned(), HOSTILE.to_owned());
            }
        }
        wish
    }

    fn must(&self, case: Case) -> Must {
        case.must(self.row.but)
    }

    fn sends(&self) -> (usize, usize) {
        (self.row.sends.len(), self.row.at)
    }

    async fn prepare(&self, case: Case) -> Result<(), String> {
        let server = &self.server;
        match case {
            Case::Hostile => server.change("api", |app| {
                app["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] = HOSTILE.into();
                app["metadata"]["ownerReferences"] =
                    json!([{ "kind": "ApplicationSet", "name": HOSTILE, "apiVersion": "v1", "uid": "u" }]);
                app["status"]["operationState"]["message"] = HOSTILE.into();
                app["status"]["history"][0]["initiatedBy"]["username"] = HOSTILE.into();
            }),
            Case::Strange => {
                server.state().strange = true;
                server.change("api", |app| {
                    for at in ["/metadata", "/spec", "/status", "/status/health"] {
                        app.pointer_mut(at).unwrap()["newField"] = json!({ "a": [1] });
                    }
                });
            }
            Case::Missed => {
                let mut watched = Watched::new(&self.backend);
                watched.until("a snapshot", |w| w.snapshots == 1).await;
                *self.watched.lock().unwrap() = Some(watched);
                server.state().silent = true;
            }
            Case::Skewed => {
                server.fault("GET", "/", Does::With(behind()), EVER);
            }
            _ => {}
        }
        Ok(())
    }

    fn arm(&self, case: Case) {
        let (server, (method, path)) = (&self.server, self.wrong());
        let once = |does: Does| server.fault(method, path, does, 1);
        let later = |does: Does, times: u32| match self.row.sends.is_empty() {
            true => server.fault("GET", LOOK, does, times),
            false => server.fault_after((method, path), "GET", LOOK, does, times),
        };
        match case {
            Case::No(307) => once(Does::Redirect),
            Case::No(code) | Case::Fails(code) => once(Does::Status(code)),
            Case::TooMany => once(Does::TooMany(7)),
            Case::CutBefore => once(Does::CutBefore),
            Case::CutAfter => once(Does::CutAfter),
            Case::Hangs => once(Does::Hang),
            Case::Garbage => once(Does::Garbage),
            Case::Empty => once(Does::Empty),
            Case::Nothing => once(Does::Nothing),
            Case::HostileNo(code) => once(Does::Hostile(code)),
            Case::Blind(code) => later(Does::Status(code), EVER),
            Case::HostileBlind => later(Does::Hostile(500), EVER),
            Case::Stumbles(429) => later(Does::TooMany(0), 1),
            Case::Stumbles(code) => later(Does::Status(code), 1),
            // Between two looks before the request, or right before it where the server itself refuses it then.
            Case::Another => {
                let (method, path) = match (self.row.at, method) {
                    (0, _) => ("GET", "/syncwindows"),
                    (n, "DELETE") => self.row.sends[n - 1],
                    _ => (method, path),
                };
                server.meanwhile(method, path, |state| {
                    state.controller = false;
                    state.change("api", |app| {
                        app["operation"] = theirs();
                        let at = "2026-11-22T09:00:00Z";
                        app["status"]["operationState"] =
                            json!({ "phase": "Running", "startedAt": at, "operation": theirs() });
                    });
                });
            }
            Case::Unmoved => server.meanwhile(method, path, |state| state.controller = false),
            _ => {}
        }
    }

    async fn beside(&self, _: Case) {}

    fn sent(&self) -> Result<Vec<usize>, String> {
        let state = self.server.state();
        let sent: Vec<_> = state.asked.iter().filter(|asked| asked.method != "GET").collect();
        let is = |(method, path): &(&str, &str), asked: &crate::argo_server::Asked| {
            asked.method == *method && asked.path.ends_with(path)
        };
        match sent.iter().find(|asked| !self.row.sends.iter().any(|send| is(send, asked))) {
            Some(other) => Err(format!("it sent what it should not: {other:?}")),
            None => Ok(self.row.sends.iter().map(|send| sent.iter().filter(|asked| is(send, asked)).count()).collect()),
        }
    }

    fn forget(&self) {
        self.server.state().asked.clear();
    }

    fn heal(&self) {
        self.server.heal();
        self.server.state().controller = true;
    }

    fn left(&self) -> Result<(), String> {
        Ok(())
    }

    async fn over(&self, case: Case) -> Result<(), String> {
        let now = self.server.get("api");
        match case {
            Case::Missed => self.caught_up().await,
            Case::Strange if now["spec"]["newField"]["a"][0] != 1 => Err("a field is lost".to_owned()),
            Case::Another if at(&self.server) == commit('a') => Err("the way of another was crossed".to_owned()),
            _ => Ok(()),
        }
    }

    fn secret(&self) -> &'static str {
        "token-of-the-fake"
    }

    fn file(&self) -> PathBuf {
        self.server.token_file().with_file_name("kept.log")
    }
}

//! What there is to do in a step, by its kind.
//!
//! The engine knows only Do, Watch, Ask and Mark; the file's words end here.

use super::{Look, Path};
use crate::config::raw::runbook as raw;
use crate::config::tree::Step::{Index, Key};
use crate::domain::backend::{BackendKind, CommandSpec};
use crate::domain::gate::Gate;
use crate::domain::name::{BackendName, EnvironmentName, RoleName, ServiceName};
use crate::domain::operation::{Operation, Verb};
use crate::domain::plan::{Question, Work};
use crate::domain::span::Span;

/// How long a program of a runbook may take when its step does not say.
const RUNS: Span = Span::mins(10);
/// How long a poll is open when its step does not say.
const OPEN: Span = Span::mins(15);

impl Look<'_> {
    /// What a step does; none after a mistake that leaves nothing to do.
    pub(super) fn work(&self, n: usize, raw: &raw::Step) -> Option<Work> {
        let path = |field| [Key("steps"), Index(n), Key(field)];
        self.only_its_keys(n, raw);
        Some(match raw.kind {
            raw::Kind::Manual => Work::Ask(Question::Done),
            raw::Kind::Milestone => Work::Mark,
            raw::Kind::Command => Work::Do(self.program(n, raw)?),
            raw::Kind::Action => Work::Do(self.action(n, raw)?),
            raw::Kind::Snapshot | raw::Kind::RestorePoint if !raw.argv.is_empty() => Work::Do(self.program(n, raw)?),
            raw::Kind::Snapshot if raw.service.is_some() => Work::Do(self.action(n, raw)?),
            raw::Kind::Snapshot | raw::Kind::RestorePoint => Work::Ask(Question::Done),
            raw::Kind::Check | raw::Kind::Soak => {
                let limit = self.doc.maybe_span(&path("limit"), raw.limit.as_ref());
                Work::Watch { gate: self.watched(n, raw), limit }
            }
            raw::Kind::Approval => Work::Ask(Question::Approval(self.slots(&path("slots"), &raw.slots))),
            raw::Kind::Hold => {
                let decide_by = self.at(&path("decide_by"), raw.decide_by.as_ref());
                Work::Ask(Question::Release {
                    roles: self.roles(n, raw, "a hold without roles can never be released"),
                    decide_by,
                })
            }
            raw::Kind::Poll => {
                let evidence = match &raw.evidence {
                    Some(raw::EvidenceKey::Signals(all)) => {
                        self.signals(&path("evidence"), all, raw.environment.as_ref())
                    }
                    _ => Vec::new(),
                };
                let closes = self.doc.span(&path("closes"), raw.closes.as_ref(), OPEN);
                Work::Ask(Question::Poll {
                    roles: self.roles(n, raw, "a poll without roles asks nobody"),
                    evidence,
                    closes,
                })
            }
            raw::Kind::Decision => {
                if raw.branches.len() < 2 {
                    self.doc.say(&path("branches"), "a decision needs two branches at least");
                }
                Work::Ask(Question::Choice { branches: raw.branches.clone() })
            }
            raw::Kind::Announce => Work::Ask(Question::Announce {
                text: self.filled(&path("text"), raw.text.as_deref().unwrap_or_default()),
                audience: raw.audience.clone().unwrap_or_default(),
            }),
        })
    }

    fn roles(&self, n: usize, raw: &raw::Step, empty: &str) -> Vec<RoleName> {
        let path = [Key("steps"), Index(n), Key("roles")];
        if raw.roles.is_empty() {
            self.doc.say(&path, empty);
        }
        let each = raw.roles.iter().enumerate();
        each.map(|(k, role)| self.role(&[path.as_slice(), &[Index(k)]].concat(), role)).collect()
    }

    fn watched(&self, n: usize, raw: &raw::Step) -> Gate {
        let path = |field| [Key("steps"), Index(n), Key(field)];
        let environment = raw.environment.as_ref();
        if let Some(condition) = &raw.condition {
            return self.gate(&path("condition"), condition, environment);
        }
        if raw.signals.is_empty() {
            self.doc.say(&path("signals"), "watches nothing; name signals");
        }
        let signals = self.signals(&path("signals"), &raw.signals, environment);
        match raw.kind {
            raw::Kind::Soak => {
                if raw.hold_for.is_none() {
                    self.doc.say(&path("kind"), "a soak needs its length: `for`");
                }
                Gate::Soak { signals, hold_for: self.doc.span(&path("for"), raw.hold_for.as_ref(), Span::ZERO) }
            }
            _ => Gate::Health(signals),
        }
    }

    fn target(&self, n: usize, raw: &raw::Step) -> (Option<ServiceName>, Option<EnvironmentName>) {
        let path = |field| [Key("steps"), Index(n), Key(field)];
        let (services, places) = (&self.workspace.services, &self.workspace.environments);
        if let Some(service) = &raw.service {
            self.doc.refer(&path("service"), "service", service, services.keys().map(ServiceName::as_str));
        }
        if let Some(place) = &raw.environment {
            self.doc.refer(&path("environment"), "environment", place, places.keys().map(EnvironmentName::as_str));
        }
        (raw.service.as_ref().map(ServiceName::new), raw.environment.as_ref().map(EnvironmentName::new))
    }

    fn action(&self, n: usize, raw: &raw::Step) -> Option<Operation> {
        let path = |field| [Key("steps"), Index(n), Key(field)];
        let (Some(service), Some(environment)) = self.target(n, raw) else {
            self.doc.say(&path("kind"), "an action needs `service` and `environment`");
            return None;
        };
        let verb = match (&raw.verb, raw.kind) {
            (Some(word), _) => crate::config::people::verb(self.doc, &path("verb"), word)?,
            (None, raw::Kind::Snapshot) => Verb::Snapshot,
            (None, _) => {
                self.doc.say(&path("kind"), "an action needs its `verb`");
                return None;
            }
        };
        let declared = self.workspace.services.get(&service)?;
        let Some(backend) = declared.deployed_by.get(&environment) else {
            if self.workspace.environments.contains_key(&environment) {
                self.doc.say(
                    &path("environment"),
                    format!("no backend deploys {service} in {environment}; see deployed_by in services.toml"),
                );
            }
            return None;
        };
        let script = self.commands(backend).and_then(|spec| spec.verbs.get(&verb));
        let Some(script) = script else {
            let known = self.commands(backend).map(|s| s.verbs.keys().map(|v| v.word()).collect::<Vec<_>>().join(", "));
            let help = known.map(|k| format!("it can {k}"));
            self.doc.say_with(&path("verb"), format!("{backend} cannot {verb}"), help);
            return None;
        };
        let args =
            raw.args.iter().map(|(k, v)| (k.clone(), self.filled(&[path("args").as_slice(), &[Key(k)]].concat(), v)));
        let args = args.collect();
        self.unfilled(&path("args"), &script.argv, &args);
        Some(Operation {
            backend: backend.clone(),
            verb,
            service: Some(service),
            environment: Some(environment),
            args,
            argv: Vec::new(),
            limit: self.doc.span(&path("limit"), raw.limit.as_ref(), script.limit),
            idempotent: script.idempotent,
        })
    }

    /// What a script's template names and the step does not give.
    fn unfilled(&self, path: &Path<'_>, argv: &[String], args: &std::collections::BTreeMap<String, String>) {
        let given = |name: &str| ["service", "environment", "verb", "key"].contains(&name) || args.contains_key(name);
        for name in argv.iter().flat_map(|word| placeholders(word)).filter(|name| !given(name)) {
            self.doc.say(path, format!("the backend's script needs `{name}`, and the step's args do not give it"));
        }
    }

    fn program(&self, n: usize, raw: &raw::Step) -> Option<Operation> {
        let path = |field| [Key("steps"), Index(n), Key(field)];
        let (service, environment) = self.target(n, raw);
        if raw.argv.first().is_none_or(String::is_empty) {
            self.doc.say(&path("kind"), "a command needs its `argv`");
            return None;
        }
        let commands = || self.workspace.backends.values().filter(|b| matches!(b.kind, BackendKind::Command(_)));
        let backend = match (&raw.backend, commands().next(), commands().nth(1)) {
            (Some(name), ..) => {
                self.doc.refer(&path("backend"), "backend of kind command", name, commands().map(|b| b.name.as_str()));
                BackendName::new(name)
            }
            (None, Some(only), None) => only.name.clone(),
            (None, None, _) => {
                self.doc.say(&path("argv"), "needs a backend of kind command; declare one in holdpoint.toml");
                return None;
            }
            (None, Some(_), Some(_)) => {
                self.doc.say(&path("argv"), "there are several backends of kind command; name one with `backend`");
                return None;
            }
        };
        let argv = raw.argv.iter().enumerate();
        let argv = argv.map(|(k, word)| self.filled(&[path("argv").as_slice(), &[Index(k)]].concat(), word));
        let args = raw.args.iter().map(|(k, v)| (k.clone(), self.filled(&path("args"), v)));
        Some(Operation {
            backend,
            verb: Verb::Run,
            service,
            environment,
            args: args.collect(),
            argv: argv.collect(),
            limit: self.doc.span(&path("limit"), raw.limit.as_ref(), RUNS),
            idempotent: raw.idempotent,
        })
    }

    fn commands(&self, backend: &BackendName) -> Option<&CommandSpec> {
        match &self.workspace.backends.get(backend)?.kind {
            BackendKind::Command(spec) => Some(spec),
            BackendKind::Files | BackendKind::Probe => None,
        }
    }

    /// Keys that this kind of step does not have would be ignored in silence.
    fn only_its_keys(&self, n: usize, raw: &raw::Step) {
        use raw::Kind::{Action, Approval, Check, Command, Decision, Hold, Poll, RestorePoint, Snapshot, Soak};
        let present: [(&str, bool, &[raw::Kind]); 11] = [
            ("verb", raw.verb.is_some(), &[Action, Snapshot]),
            ("argv", !raw.argv.is_empty(), &[Command, Snapshot, RestorePoint]),
            ("signals", !raw.signals.is_empty(), &[Check, Soak]),
            ("condition", raw.condition.is_some(), &[Check, Soak]),
            ("for", raw.hold_for.is_some(), &[Soak]),
            ("slots", !raw.slots.is_empty(), &[Approval]),
            ("roles", !raw.roles.is_empty(), &[Hold, Poll]),
            ("decide_by", raw.decide_by.is_some(), &[Hold]),
            ("closes", raw.closes.is_some(), &[Poll]),
            ("branches", !raw.branches.is_empty(), &[Decision]),
            ("text", raw.text.is_some(), &[raw::Kind::Announce]),
        ];
        for (key, _, _) in present.iter().filter(|(_, there, kinds)| *there && !kinds.contains(&raw.kind)) {
            self.doc.say(&[Key("steps"), Index(n), Key(key)], format!("`{key}` has no meaning in this kind of step"));
        }
    }
}

/// The `{names}` of a template.
fn placeholders(word: &str) -> Vec<&str> {
    let parts = word.split('{').skip(1);
    parts.filter_map(|part| part.split_once('}').map(|(name, _)| name)).collect()
}

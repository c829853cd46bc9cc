//! What can happen at a moment of a scenario: a report, what is seen, what the files say by then, a word of a person.

use crate::world::{Outcome, World};
use crate::{ground, outlook, seen, words};
use chrono::TimeDelta;
use holdpoint::domain::calendar::EventKind;
use holdpoint::domain::catalogue::Environment;
use holdpoint::domain::observed::{Deployment, Observation};
use holdpoint::domain::operation::Verb;
use holdpoint::domain::person::Role;
use holdpoint::domain::plan::Plan;

/// What happens at a moment, by its key and its words.
pub fn input(world: &mut World, plan: &Plan, kind: &str, text: &str) -> Outcome {
    let mut parts = text.split_whitespace();
    let mut next = || parts.next().unwrap_or_else(|| panic!("{kind} {text:?}: a word more"));
    match kind {
        "report" => {
            let (intent, report) = words::report(world, text);
            world.report(intent, &report)
        }
        "found" => {
            let (intent, found) = words::found(world, text);
            world.found(intent, &found)
        }
        "dies" => world.dies(text),
        "past" => outlook::past(world, plan, text),
        "promises" => outlook::promises(world, text),
        // `8m`: this process's clock is that far behind the journal.
        "behind" => {
            world.now -= ground::span(text).delta();
            Outcome::default()
        }
        // `errors@prod 0.01 40s`: read every 5 s from now until then; `events=3` for few events.
        "see" => {
            let (at, value) = (ground::signal_at(next()), next().parse().unwrap());
            let until = parts.next().map_or(world.now, |t| ground::start() + ground::span(t).delta());
            let events = parts.next().map_or(100, |n| n.strip_prefix("events=").unwrap().parse().unwrap());
            let mut outcome = world.read(&at, value, events);
            while world.now < until {
                let to = world.now + ground::span("5s").delta();
                outcome.facts.extend(world.pass(to).facts);
                outcome.facts.extend(world.read(&at, value, events).facts);
            }
            outcome
        }
        // `errors@prod`: it was tried to read it, and that gave nothing.
        "unread" => world.see(Observation::NoReading(ground::signal_at(next()), "no series".to_owned())),
        // `20s`: every 5 s until then, all that was told of deployments still holds.
        "beats" => {
            let until = ground::start() + ground::span(next()).delta();
            let mut outcome = world.see(Observation::Heartbeat);
            while world.now < until {
                outcome.facts.extend(world.pass(world.now + ground::span("5s").delta()).facts);
                outcome.facts.extend(world.see(Observation::Heartbeat).facts);
            }
            outcome
        }
        // What watches see of rollouts and alerts; see `seen`.
        "rollout" | "alerts" | "recall" | "unreachable" | "unheard" => world.hear(seen::seen(kind, text).unwrap()),
        // `web prod 2.0 1.0`: version and history.
        "live" => {
            let key = (next().into(), next().into());
            let version = next().to_owned();
            let history = parts.map(str::to_owned).collect();
            world.see(Observation::Deployment(key, Deployment { version, history, ..Deployment::default() }.into()))
        }
        // `web prod 1.0 2.0`: the second is being rolled out beside the first.
        "canary" => world.see(words::canary(text)),
        // `errors@prod 1.0 8/1600 2.0 12/400`: bad events of all, version by version.
        "counts" => world.see(words::counts(text)),
        "freeze" | "hard-freeze" => {
            let (title, lasts) = (next().to_owned(), ground::span(next()));
            world.freeze(&title, lasts, kind == "hard-freeze");
            world.pass(world.now)
        }
        // `night 1h 3h`: from and to, since the start.
        "window" | "maintenance" | "later-freeze" => {
            let kind = match kind {
                "window" => EventKind::Window,
                "maintenance" => EventKind::Maintenance,
                _ => EventKind::Freeze,
            };
            let title = next().to_owned();
            let mut at = || ground::start() + ground::span(next()).delta();
            world.event(kind, &title, (at(), at()), false);
            world.pass(world.now)
        }
        "enter" => {
            world.session(text);
            world.pass(world.now)
        }
        // `Payday`: the file no longer has it.
        "gone" => {
            let events = &mut world.workspace.calendar.events;
            let before = events.len();
            events.retain(|event| event.name != text);
            assert_eq!(events.len() + 1, before, "there is one {text}");
            world.pass(world.now)
        }
        // `night 1h 5h`: the file says another time for it.
        "moved" => {
            let name = next().to_owned();
            let mut at = || ground::start() + ground::span(next()).delta();
            let (from, to) = (at(), at());
            let event = world.workspace.calendar.events.iter_mut().find(|e| e.name == name).unwrap();
            event.occurrences = vec![(from, to)];
            world.pass(world.now)
        }
        // `night api prod`: it is about that place alone.
        "only" => {
            let (name, service, place) = (next(), next(), next());
            let event = world.workspace.calendar.events.iter_mut().find(|e| e.name == name).unwrap();
            (event.services, event.environments) = (vec![service.into()], vec![place.into()]);
            world.pass(world.now)
        }
        // `qa bo`: the file lets someone else fill a role too.
        "joins" => {
            let (role, person) = (next(), next().into());
            world.workspace.roles.get_mut(role).unwrap().people.push(person);
            world.pass(world.now)
        }
        // `qa bo`: and no longer.
        "leaves" => {
            let (role, person) = (next(), next());
            world.workspace.roles.get_mut(role).unwrap().people.retain(|p| p.as_str() != person);
            world.pass(world.now)
        }
        // `qa`: the file has no such role; `qa bo`: a new one that these fill.
        "role" => {
            let name = next().to_owned();
            let people: Vec<_> = parts.map(Into::into).collect();
            match people.is_empty() {
                true => drop(world.workspace.roles.remove(name.as_str())),
                false => {
                    let like = world.workspace.roles.values().next().unwrap().clone();
                    let role = Role { name: name.as_str().into(), people, rollback: false, ..like };
                    world.workspace.roles.insert(role.name.clone(), role);
                }
            }
            world.pass(world.now)
        }
        // `stage none`: declared once more.
        "declare" => {
            let (name, level) = (next(), next());
            let like = world.workspace.environments.values().next().unwrap().clone();
            let confirm = serde_json::from_value(level.into()).unwrap();
            world.workspace.environments.insert(name.into(), Environment { name: name.into(), confirm, ..like });
            world.pass(world.now)
        }
        "purpose" => {
            world.workspace.purpose = serde_json::from_value(text.into()).unwrap();
            world.pass(world.now)
        }
        // When the files were read, since the start.
        "read" => {
            world.workspace.read = ground::start() + ground::span(text).delta();
            world.pass(world.now)
        }
        // `stage challenge`: what an environment asks for.
        "asks" => {
            let (environment, level) = (next(), next());
            let level = serde_json::from_value(level.into()).unwrap();
            world.workspace.environments.get_mut(environment).unwrap().confirm = level;
            world.pass(world.now)
        }
        // `release-manager ssh-key`: how well a role's people must be known.
        "demand" => {
            let (role, proof) = (next(), next());
            let proof = serde_json::from_value(proof.into()).unwrap();
            world.workspace.roles.get_mut(role).unwrap().proof = proof;
            world.pass(world.now)
        }
        // A verb's script is no longer declared.
        "unable" => {
            let verb = Verb::ALL.into_iter().find(|v| v.word() == text).unwrap();
            world.unable(verb);
            world.pass(world.now)
        }
        // What this process has read of a signal, as if it had just begun.
        "forget" => {
            world.observed.series.remove(&ground::signal_at(text));
            world.pass(world.now)
        }
        // `sh -3`: by how many seconds a backend's clock is ahead of ours.
        "clock" => {
            let (source, ahead) = (next(), TimeDelta::seconds(next().parse().unwrap()));
            world.hear_from(source, Ok(Observation::Clock(ahead)))
        }
        "able" | "stands" => seen::declared(world, kind, text),
        "unwatched" => seen::unwatched(world, text),
        "undeclare" => {
            world.workspace.environments.remove(text);
            world.pass(world.now)
        }
        person => {
            let command = words::command(world, plan, text);
            world.command(person, &command)
        }
    }
}

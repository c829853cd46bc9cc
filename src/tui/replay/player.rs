//! The player: where in the past one stands, and the clock that moves it.
//!
//! It makes the model what it was: forward entry by entry, backward from the
//! nearest ledger that was kept. It decides nothing and sends nothing.

use super::seen::Seen;
use super::{Move, Past, SPEEDS, Standing, USUAL};
use crate::domain::Timestamp;
use crate::domain::entry::Entry;
use crate::domain::name::SignalName;
use crate::domain::workspace::Workspace;
use crate::engine::timeline::jump::Jump;
use crate::engine::timeline::notable::Notable;
use crate::runtime::input::Update;
use crate::tui::model::Model;
use std::sync::Arc;
use std::time::Duration;

/// Further than this on, the model is made anew and not entry by entry.
const FAR: usize = 200;
/// How many entries the journal's pane has at hand after a jump.
const RECENT: usize = 1_000;

/// A past run being played.
pub struct Replay {
    past: Past,
    seen: Seen,
    /// How many entries have happened.
    n: usize,
    at: Timestamp,
    playing: bool,
    speed: u32,
    /// When the clock was last looked at, by the clock that never jumps.
    ticked: Duration,
    /// What the model was made for.
    shown: Option<(usize, Timestamp)>,
}

impl Replay {
    /// Stands at the start of the run, or where the past says one begins.
    pub fn of(past: Past, uptime: Duration) -> Self {
        let declared = past.workspace.signals.values().map(|s| (s.name.clone(), s.every));
        let known: std::collections::BTreeMap<SignalName, _> = declared.collect();
        let seen = Seen::of(&past.samples, |name| known.get(name).copied());
        let (playing, speed) = (past.speed.is_some(), past.speed.unwrap_or(USUAL).clamp(1, 600));
        let (at, n) = (past.until, past.first);
        let mut replay = Self { past, seen, n, at, playing, speed, ticked: uptime, shown: None };
        replay.stand_on(n);
        if let Some(jump) = replay.past.from {
            replay.jump(jump);
        }
        replay
    }

    /// What people declare now.
    pub fn workspace(&self) -> &Workspace {
        &self.past.workspace
    }

    /// What one should know, in words.
    pub fn notes(&self) -> &[String] {
        &self.past.notes
    }

    /// The replayed instant.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Whether it plays.
    pub fn playing(&self) -> bool {
        self.playing
    }

    /// Stands still, because nobody looks.
    pub fn pause(&mut self) {
        self.playing = false;
    }

    /// Lets the replayed time go by.
    pub fn tick(&mut self, uptime: Duration) {
        let gone = uptime.saturating_sub(std::mem::replace(&mut self.ticked, uptime));
        if !self.playing {
            return;
        }
        let gone = chrono::TimeDelta::from_std(gone.saturating_mul(self.speed)).unwrap_or_default();
        self.at = self.at.checked_add_signed(gone).unwrap_or(self.past.until).min(self.past.until);
        self.n = self.n.max(self.past.history.until(self.at));
        self.playing = self.at < self.past.until;
    }

    /// Does what is asked; why not, if it cannot.
    ///
    /// # Errors
    /// When there is nothing in that direction.
    pub fn go(&mut self, asked: Move) -> Result<(), String> {
        let none = |way: &str, kind: Option<Notable>| {
            let what = kind.map_or("decision, hold, trigger or failure".to_owned(), |kind| kind.word().to_owned());
            format!("there is no {way} {what} in this run")
        };
        let history = &self.past.history;
        // Whoever goes line by line wants to look.
        self.playing &= !matches!(asked, Move::On | Move::Back | Move::Next(_) | Move::Previous(_));
        match asked {
            Move::Play => {
                if !self.playing && self.at >= self.past.until {
                    self.stand_on(self.past.first);
                }
                self.playing = !self.playing;
            }
            Move::Faster => self.speed = SPEEDS.into_iter().find(|s| *s > self.speed).unwrap_or(self.speed),
            Move::Slower => self.speed = SPEEDS.into_iter().rev().find(|s| *s < self.speed).unwrap_or(self.speed),
            Move::On if self.n >= history.len() => return Err("this is the last line of the replay".to_owned()),
            Move::On => self.stand_on(self.n + 1),
            Move::Back if self.n <= 1 => return Err("this is the first line of the replay".to_owned()),
            Move::Back => self.stand_on(self.n - 1),
            Move::Next(kind) => {
                let n = history.next(self.n, kind).ok_or_else(|| none("later", kind))?;
                self.stand_on(n);
            }
            Move::Previous(kind) => {
                let n = history.previous(self.n, kind).ok_or_else(|| none("earlier", kind))?;
                self.stand_on(n);
            }
            Move::To(jump) => self.jump(jump),
        }
        Ok(())
    }

    /// Stands right after the n-th entry.
    fn stand_on(&mut self, n: usize) {
        self.n = n;
        self.at = self.entry(n).map_or_else(|| self.earliest(), |entry| entry.at);
    }

    fn jump(&mut self, jump: Jump) {
        if let Jump::Line(seq) = jump {
            return self.stand_on(self.past.history.through(seq).max(1));
        }
        let (first, last) = (self.earliest(), self.past.until);
        let at = jump.instant(self.at, first, last).unwrap_or(last);
        self.at = at.clamp(first.min(last), last);
        self.n = self.past.history.until(self.at);
    }

    /// The n-th entry, counted from 1.
    fn entry(&self, n: usize) -> Option<&Entry> {
        self.past.history.entries().get(n.checked_sub(1)?)
    }

    /// The first instant of which anything is known.
    fn earliest(&self) -> Timestamp {
        let first = self.entry(1).map(|entry| entry.at);
        first.into_iter().chain(self.seen.first()).min().unwrap_or(self.past.until)
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        let history = &self.past.history;
        let next = history.next(self.n, None).and_then(|n| self.entry(n));
        Standing {
            run: self.past.run,
            at: self.at,
            from: self.entry(self.past.first).map_or(self.at, |entry| entry.at),
            until: self.past.until,
            playing: self.playing,
            speed: self.speed,
            line: self.entry(self.n).map_or(0, |entry| entry.seq),
            last: self.entry(history.len()).map_or(0, |entry| entry.seq),
            next: next.and_then(|entry| Some((entry.at, Notable::of(entry)?))),
        }
    }

    /// Makes the model what it was at this instant.
    pub fn show(&mut self, model: &mut Model) {
        let history = &self.past.history;
        match self.shown {
            Some((n, at)) if n <= self.n && at <= self.at && self.n - n <= FAR => {
                let new: Vec<_> = history.entries().iter().take(self.n).skip(n).cloned().collect();
                if !new.is_empty() {
                    model.take(Update::Entries(Arc::new(new)));
                }
                let seen = self.seen.between(at, self.at);
                if !seen.is_empty() {
                    model.take(Update::Seen(Arc::new(seen)));
                }
            }
            _ => {
                let recent = history.entries().iter().take(self.n).skip(self.n.saturating_sub(RECENT)).cloned();
                model.stand_at(history.ledger(self.n), recent, self.seen.observed(self.at), self.at);
            }
        }
        self.shown = Some((self.n, self.at));
        model.replay = Some(self.standing());
    }
}

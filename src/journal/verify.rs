//! Verifying: every line of every segment, and what the signed heads say of it.
//!
//! Memory is bounded by the ledger and one line. A chain that holds shows only
//! that nobody changed a part of it; whoever can write the directory can make a
//! new chain. So without heads held elsewhere the answer is never *proven*.

use super::anchor::{Anchor, Judgement};
use super::chain::{Chain, Doubt, parse};
use super::error::{Break, During, JournalError};
use super::heads::{self, HeadLine};
use super::key::SigningSeed;
use super::keylog;
use super::layout::{Access, Layout};
use super::lines::Lines;
use super::samples::{self, Match};
use super::segment::{CHUNK, Segment};
use super::tip::Tip;
use crate::domain::digest::Digest;
use crate::domain::entry::Entry;
use crate::domain::fact::Fact;
use crate::domain::name::RunId;
use crate::domain::sample::Kept;
use crate::domain::session::SessionId;
use crate::engine::Ledger;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

/// What can be said of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Someone else holds a head that the chain contains.
    Proven {
        /// The newest line that is proven; later ones are only chained to it.
        through: u64,
    },
    /// It was changed, cut or damaged.
    Tampered {
        /// The file.
        file: PathBuf,
        /// The line in it, counted from 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// Nothing contradicts it and nobody vouches for it.
    CannotProve {
        /// What is missing.
        why: String,
    },
}

/// The result of verifying a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// The answer.
    pub answer: Answer,
    /// How many lines are chained from the first.
    pub lines: u64,
    /// How many segments were read.
    pub segments: u32,
    /// Digest of the last chained line.
    pub head: Digest,
    /// Things to know that are not tampering: a torn last line, lost navigation keys.
    pub notes: Vec<String>,
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lines, head) = (self.lines, self.head.short());
        match &self.answer {
            Answer::Proven { through } if *through == lines => write!(f, "proven: all {lines} lines, head {head}"),
            Answer::Proven { through } => {
                write!(f, "proven up to line {through}; {} later lines chained to it, head {head}", lines - through)
            }
            Answer::Tampered { file, line, why } => write!(f, "tampered: {}: line {line}: {why}", file.display()),
            Answer::CannotProve { why } => write!(f, "cannot prove: chain intact, {lines} lines, head {head}, {why}"),
        }
    }
}

/// Verifies the journal in the state directory `dir`, by an anchor's heads if there
/// are any. Fails only when files cannot be read.
pub fn verify(dir: &Path, anchor: Option<&Anchor>) -> Result<Verification, JournalError> {
    let layout = Layout::new(dir, Access::Private);
    let tip = Tip::read(&layout)?;
    let kept = heads::kept(&layout)?;
    let anchored = anchor.map(|a| a.all().map(|head| head.head.seq)).into_iter().flatten();
    let wanted = kept.iter().filter_map(|(_, head)| head.as_ref().ok()).map(|head| head.head.seq).chain(anchored);
    let mut walk = Walk::new(layout, wanted.collect());
    if walk.layout.absent()? || walk.layout.segments()?.is_empty() {
        return Err(JournalError::Absent(dir.to_owned()));
    }
    let found = walk.everything(tip)?;
    let answer = match found {
        Some(broken) => tampered(broken),
        None => walk.judge_heads(&kept)?.map_or_else(|| walk.judge_anchor(anchor), tampered),
    };
    walk.check_keys();
    walk.check_samples();
    Ok(Verification {
        answer,
        lines: walk.chain.ledger.seq,
        segments: walk.segments,
        head: walk.chain.last,
        notes: walk.notes,
    })
}

fn tampered(broken: Break) -> Answer {
    Answer::Tampered { file: broken.file, line: broken.line, why: broken.why }
}

/// A walk over all lines.
struct Walk {
    layout: Layout,
    chain: Chain,
    segments: u32,
    /// Lines that some head names.
    wanted: BTreeSet<u64>,
    /// Their digests, as far as the walk has come.
    digests: BTreeMap<u64, Digest>,
    /// The last line of the last segment.
    last: (PathBuf, u64),
    /// Number of the first line of each segment read.
    starts: Vec<u64>,
    /// Head of the navigation keys that a session's last line carries.
    keys: BTreeMap<SessionId, Digest>,
    /// What the journal says of the samples of runs.
    samples: BTreeMap<RunId, Kept>,
    notes: Vec<String>,
}

impl Walk {
    fn new(layout: Layout, wanted: BTreeSet<u64>) -> Self {
        let last = (layout.segment(1), 1);
        Self {
            layout,
            chain: Chain::default(),
            segments: 0,
            wanted,
            digests: BTreeMap::new(),
            last,
            starts: Vec::new(),
            keys: BTreeMap::new(),
            samples: BTreeMap::new(),
            notes: Vec::new(),
        }
    }

    /// Reads every segment in order; returns the first break.
    fn everything(&mut self, tip: Option<Tip>) -> Result<Option<Break>, JournalError> {
        let numbers = self.layout.segments()?;
        let count = numbers.len();
        for (number, expected) in numbers.into_iter().zip(1u32..) {
            if number != expected {
                let file = self.layout.segment(expected);
                return Ok(Some(Break { file, line: 1, why: "the whole segment is missing".to_owned() }));
            }
            let mut segment = Segment::open(&self.layout, number, false)?;
            self.starts.push(self.chain.ledger.seq + 1);
            if let Some(broken) = self.segment(&mut segment, expected as usize == count, tip)? {
                return Ok(Some(broken));
            }
            self.segments = number;
            self.last = (segment.path.clone(), segment.lines);
        }
        let lost = tip.filter(|tip| tip.seq > self.chain.ledger.seq);
        Ok(lost.map(|tip| {
            let why = format!("is missing: line {} was acknowledged and the journal ends before it", tip.seq);
            Break { file: self.last.0.clone(), line: self.last.1 + 1, why }
        }))
    }

    fn segment(&mut self, segment: &mut Segment, last: bool, tip: Option<Tip>) -> Result<Option<Break>, JournalError> {
        let file = segment.file.try_clone().during("open", &segment.path)?;
        let mut lines = Lines::new(&file, 0, CHUNK);
        while let Some(line) = lines.next_line().during("read", &segment.path)? {
            let first = segment.lines == 0;
            if first
                && segment.number > 1
                && let Some(broken) = self.first_line(segment, line, tip)?
            {
                return Ok(Some(broken));
            }
            let entry = match self.chain.accept(line, first) {
                Ok(entry) => entry,
                Err(doubt) => return self.blame(segment, &doubt, tip).map(Some),
            };
            if tip.is_some_and(|tip| tip.seq == entry.seq && tip.line != self.chain.last) {
                return Ok(Some(segment.broken("is not the line that was acknowledged")));
            }
            segment.passed(line.len(), entry.at);
            self.note(&entry);
        }
        if segment.lines == 0 {
            return Ok(Some(segment.broken("is missing or has no end")));
        }
        if lines.torn().is_empty() {
            return Ok(None);
        }
        match last {
            true => self.notes.push(format!(
                "{} bytes after the last whole line of {} are torn or just being written",
                lines.torn().len(),
                segment.path.display()
            )),
            false => return Ok(Some(segment.broken("has no end, and a further segment follows"))),
        }
        Ok(None)
    }

    /// Looks at the first line of a further segment: its link, then the ledger it carries.
    fn first_line(&self, segment: &Segment, line: &[u8], tip: Option<Tip>) -> Result<Option<Break>, JournalError> {
        match parse(line) {
            Err(why) => Ok(Some(segment.broken(why))),
            Ok(entry) if entry.prev != self.chain.last => self.blame(segment, &Doubt::Link, tip).map(Some),
            Ok(entry) => Ok(self.carries_what_was(&entry).err().map(|why| segment.broken(why))),
        }
    }

    /// Who is to blame for a doubt; across the border of two segments the line
    /// before is in another file.
    fn blame(&self, segment: &Segment, doubt: &Doubt, tip: Option<Tip>) -> Result<Break, JournalError> {
        let broken = segment.blame(doubt, tip)?;
        let before = *doubt == Doubt::Link && segment.lines == 0 && segment.number > 1 && segment.vouched(tip)?.0;
        Ok(match before {
            true => {
                let (file, line) = self.last.clone();
                Break { file, line, why: "was changed: the next segment names another digest".to_owned() }
            }
            false => broken,
        })
    }

    fn note(&mut self, entry: &Entry) {
        if self.wanted.contains(&entry.seq) {
            self.digests.insert(entry.seq, self.chain.last);
        }
        if let Some(head) = entry.keys {
            self.keys.insert(entry.by.session, head);
        }
        for fact in &entry.facts {
            if let Fact::SamplesKept { run, kept } = fact {
                self.samples.insert(*run, kept.clone());
            }
        }
    }

    /// Whether a segment's first line carries exactly the ledger as folded.
    fn carries_what_was(&self, entry: &Entry) -> Result<(), String> {
        let [Fact::Carried(carried)] = entry.facts.as_slice() else {
            return Err("does not begin a segment: it carries no ledger".to_owned());
        };
        // Compared as read, so that both numbers went through the same text.
        let mut folded = self.chain.ledger.carry().and_then(|carried| Ledger::carried(&carried));
        let said = Ledger::carried(carried);
        if let (Ok(Ledger { left: None, .. }), Ok(folded)) = (&said, &mut folded) {
            // Written by a program that did not keep it.
            folded.left = None;
        }
        match (said, folded) {
            (Ok(said), Ok(folded)) if said == folded => Ok(()),
            (Err(e), _) => Err(format!("carries no ledger: {e}")),
            _ => Err("carries another ledger than the lines before make".to_owned()),
        }
    }

    /// Checks the heads kept beside the journal.
    fn judge_heads(&mut self, kept: &[HeadLine]) -> Result<Option<Break>, JournalError> {
        let file = self.layout.heads();
        let mut key = SigningSeed::load(&self.layout).ok().flatten().map(|seed| seed.public());
        for (line, head) in kept {
            let broken = |why: String| Some(Break { file: file.clone(), line: *line, why });
            let head = match head {
                Ok(head) => head,
                Err(why) => return Ok(broken(format!("is no head: {why}"))),
            };
            if !head.genuine() || *key.get_or_insert_with(|| head.key.clone()) != head.key {
                return Ok(broken("is not signed with the key of this directory".to_owned()));
            }
            if Some(&head.head.journal) != self.chain.ledger.journal.as_ref() {
                return Ok(broken(format!("is of another journal, {}", head.head.journal)));
            }
            if self.digests.get(&head.head.seq) != Some(&head.head.line) {
                let why = format!("a signed head of it ({}: line {line}) has another digest", file.display());
                return Ok(Some(self.at(head.head.seq, why)));
            }
        }
        if kept.is_empty() {
            self.notes.push("no signed heads are kept beside it".to_owned());
        }
        Ok(None)
    }

    fn judge_anchor(&mut self, anchor: Option<&Anchor>) -> Answer {
        let (Some(anchor), Some(journal)) = (anchor, &self.chain.ledger.journal) else {
            return Answer::CannotProve { why: "no anchor holds a head".to_owned() };
        };
        self.notes.extend(anchor.worthless().map(|(n, why)| format!("{}: line {n}: {why}", anchor.place)));
        match anchor.judge(journal, &self.digests) {
            Judgement::Proven { through } => Answer::Proven { through },
            Judgement::Silent { why } => Answer::CannotProve { why },
            Judgement::Contradicted { seq, why } => tampered(self.at(seq, why)),
        }
    }

    /// Where a line is, or would be if the journal had it.
    fn at(&self, seq: u64, why: String) -> Break {
        if seq > self.chain.ledger.seq {
            return Break { file: self.last.0.clone(), line: self.last.1 + 1, why };
        }
        let before = self.starts.partition_point(|start| *start <= seq).saturating_sub(1);
        let start = self.starts.get(before).copied().unwrap_or(1);
        let number = u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1);
        Break { file: self.layout.segment(number), line: (seq + 1).saturating_sub(start), why }
    }

    /// Notes navigation keys that are not there or not as the journal says. They
    /// are synced late, so that is no proof of tampering.
    fn check_keys(&mut self) {
        for (session, head) in &self.keys {
            let mut there = false;
            match keylog::read(&self.layout, *session, |_, digest| there |= digest == *head) {
                Err(e) => self.notes.push(format!("navigation keys of session {session}: {e}")),
                Ok(_) if !there => {
                    self.notes.push(format!("navigation keys of session {session} end before its last decision"));
                }
                Ok(_) => {}
            }
        }
    }

    /// Notes samples that are not as the journal says. They lie beside it and
    /// decide nothing, so the journal itself is not tampered with.
    fn check_samples(&mut self) {
        for (run, kept) in &self.samples {
            let path = self.layout.samples(*run);
            match samples::matches(&self.layout, *run, kept) {
                Ok(Match::Same) => {}
                Ok(Match::Missing) => {
                    self.notes.push(format!("samples of run {run} are not there: {}", path.display()))
                }
                Ok(Match::Changed) => {
                    let digest = kept.digest.short();
                    self.notes.push(format!("samples of run {run} were CHANGED: {} is not {digest}", path.display()));
                }
                Err(e) => self.notes.push(format!("samples of run {run}: {e}")),
            }
        }
    }
}

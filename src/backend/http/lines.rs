//! An answer that goes on: its lines as they come, each within its limit.
//!
//! It knows no format; that a stream has ended is for who reads it to judge. A call
//! that is dropped loses nothing: what had come is kept for the next one.

use super::super::Fault;
use super::said::{lost, why};
use reqwest::Response;

/// The lines of an answer.
#[derive(Debug)]
pub struct Lines {
    answer: Response,
    kept: Vec<u8>,
    largest: usize,
    place: String,
}

impl Lines {
    /// Those of an answer that has begun; `place` says where it comes from.
    pub fn of(answer: Response, largest: usize, place: String) -> Self {
        Self { answer, kept: Vec::new(), largest, place }
    }

    /// The next line without its end; none when the other side has ended in good order.
    /// What comes after the last end of a line is no line.
    ///
    /// # Errors
    /// `Lost` when it broke off, took too long, or a line is too long.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        let mut looked = 0;
        loop {
            if let Some(end) = self.kept.iter().skip(looked).position(|byte| *byte == b'\n') {
                let rest = self.kept.split_off(looked + end + 1);
                let mut line = std::mem::replace(&mut self.kept, rest);
                line.pop();
                return Ok(Some(line));
            }
            looked = self.kept.len();
            if looked > self.largest {
                return Err(lost(format!("{}: a line is longer than {} bytes", self.place, self.largest)));
            }
            match self.answer.chunk().await {
                Ok(Some(piece)) => self.kept.extend_from_slice(&piece),
                Ok(None) => return Ok(None),
                Err(error) => return Err(lost(format!("{}: {}", self.place, why(&error)))),
            }
        }
    }

    /// All that comes, as far as it is taken; for what is no stream after all.
    pub(super) async fn rest(mut self) -> Vec<u8> {
        while let Ok(Some(piece)) = self.answer.chunk().await {
            self.kept.extend_from_slice(&piece);
            if self.kept.len() > self.largest {
                break;
            }
        }
        self.kept
    }
}

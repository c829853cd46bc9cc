//! An answer that goes on: its lines as they come, each within its limit.
//!
//! It knows no format; that a stream has ended is for who reads it to judge. A call
//! that is dropped loses nothing: what had come is kept for the next one.

use super::super::Fault;
use super::said::{lost, why};
use memchr::memchr;
use reqwest::Response;

/// The lines of an answer.
#[derive(Debug)]
pub struct Lines {
    answer: Response,
    /// What has come; what lies before `begins` has been given.
    kept: Vec<u8>,
    begins: usize,
    largest: usize,
    place: String,
}

impl Lines {
    /// Those of an answer that has begun; `place` says where it comes from.
    pub fn of(answer: Response, largest: usize, place: String) -> Self {
        Self { answer, kept: Vec::new(), begins: 0, largest, place }
    }

    /// The next line without its end; none when the other side has ended in good order.
    /// What comes after the last end of a line is no line.
    ///
    /// # Errors
    /// `Lost` when it broke off, took too long, or a line is too long.
    pub async fn next(&mut self) -> Result<Option<&[u8]>, Fault> {
        let mut looked = 0;
        loop {
            let come = self.kept.get(self.begins..).unwrap_or_default();
            if let Some(end) = come.get(looked..).and_then(|new| memchr(b'\n', new)) {
                let from = self.begins;
                self.begins += looked + end + 1;
                return Ok(self.kept.get(from..from + looked + end));
            }
            looked = come.len();
            self.kept.drain(..self.begins);
            self.begins = 0;
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
        self.kept.split_off(self.begins)
    }
}

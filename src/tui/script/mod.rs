//! A script presses keys as a person does: it waits for what it has to see,
//! thinks for a moment, and presses one key after the other.
//!
//! It knows what stands on the screen and nothing else, and what it presses
//! comes in where every key comes in, so no guard is softer for it. Reading the
//! file and choosing the next key are pure; the loop does what they say.

mod parse;
mod picture;
mod player;
mod stage;
mod step;

pub use parse::{Mistake, parse};
pub use picture::{Challenge, Picture};
pub use player::{Failure, Next, Player, Ran, Seen};
pub use stage::{Runs, Show, Stage};
pub use step::{Act, Script, Step, Wanted};

//! What must be typed: the environment's name, and forward a fresh code.
//!
//! What is drawn is easy to read aloud and hard to type by accident.

use std::fmt;

/// Characters that no one mistakes for another, read aloud or on a screen.
const ALPHABET: [char; 23] =
    ['A', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'M', 'N', 'P', 'Q', 'R', 'T', 'W', 'X', 'Y', '3', '4', '6', '7', '9'];

/// Three characters, drawn anew for each challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code([char; 3]);

impl Code {
    /// Draws a code from randomness and returns the randomness for the next one.
    pub fn draw(random: u64) -> (Self, u64) {
        // SplitMix64: a seed may be used many times without two codes being the same by construction.
        let next = random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (next ^ (next >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        // No character follows itself: a key pressed twice quickly is taken for one held down.
        let step = |shift: u32, of: u64| usize::try_from((mixed >> shift) % of).unwrap_or_default();
        let first = step(0, 23);
        let second = first + 1 + step(20, 22);
        let third = second + 1 + step(40, 22);
        let pick = |at: usize| ALPHABET.get(at % ALPHABET.len()).copied().unwrap_or('A');
        (Self([pick(first), pick(second), pick(third)]), next)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|c| write!(f, "{c}"))
    }
}

/// What must be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The environment's name.
    pub name: String,
    /// The code after it, if one is asked for.
    pub code: Option<Code>,
}

impl Expected {
    /// Whether a text is it: the name exactly, the code in either case.
    pub fn is(&self, typed: &str) -> bool {
        match self.code {
            None => typed == self.name,
            Some(code) => typed
                .rsplit_once(' ')
                .is_some_and(|(name, last)| name == self.name && last.eq_ignore_ascii_case(&code.to_string())),
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            None => f.write_str(&self.name),
            Some(code) => write!(f, "{} {code}", self.name),
        }
    }
}

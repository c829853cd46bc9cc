//! How far two colours are apart for people who see colours differently.
//!
//! Colours are simulated as Machado, Oliveira and Fernandes (2009) do at full
//! severity, in linear RGB, and compared in OKLab. It reports and changes
//! nothing: word and sign carry every state whatever its colour.

use super::color::{linear, measured};
use super::role::Role;
use super::{Styles, seen};

/// The least distance of two states, in hundredths of OKLab; 2 is just noticeable.
pub const APART: f64 = 5.0;

/// The roles that are compared: what needs a person, what is well, and plain emphasis.
pub const COMPARED: [Role; 5] = [Role::Ok, Role::Warn, Role::Fail, Role::Unknown, Role::Accent];

/// A way to see colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// All three kinds of cones.
    Usual,
    /// Without long-wave cones: red is dark.
    Protan,
    /// Without middle-wave cones: red and green are one.
    Deutan,
    /// Without short-wave cones: blue and yellow are pale.
    Tritan,
}

/// Two roles that are hard to tell apart by colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Close {
    /// One of them.
    pub one: Role,
    /// The other.
    pub other: Role,
    /// For whom.
    pub sight: Sight,
    /// Their distance, in hundredths of OKLab.
    pub distance: f64,
}

type Rgb = (u8, u8, u8);
type Row = [f64; 3];

impl Sight {
    /// Every way, the usual one first.
    pub const ALL: [Sight; 4] = [Sight::Usual, Sight::Protan, Sight::Deutan, Sight::Tritan];

    /// Its name, as an eye doctor says it.
    pub fn name(self) -> &'static str {
        match self {
            Sight::Usual => "usual sight",
            Sight::Protan => "protanopia",
            Sight::Deutan => "deuteranopia",
            Sight::Tritan => "tritanopia",
        }
    }

    /// What it makes of linear red, green and blue.
    fn matrix(self) -> [Row; 3] {
        match self {
            Sight::Usual => [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            Sight::Protan => [
                [0.152_286, 1.052_583, -0.204_868],
                [0.114_503, 0.786_281, 0.099_216],
                [-0.003_882, -0.048_116, 1.051_998],
            ],
            Sight::Deutan => [
                [0.367_322, 0.860_646, -0.227_968],
                [0.280_085, 0.672_501, 0.047_413],
                [-0.011_820, 0.042_940, 0.968_881],
            ],
            Sight::Tritan => [
                [1.255_528, -0.076_749, -0.178_779],
                [-0.078_411, 0.930_809, 0.147_602],
                [0.004_733, 0.691_367, 0.303_900],
            ],
        }
    }
}

/// The distance of two colours as someone sees them, in hundredths of OKLab.
pub fn distance(one: Rgb, other: Rgb, sight: Sight) -> f64 {
    let (a, b) = (oklab(simulated(one, sight)), oklab(simulated(other, sight)));
    let sum: f64 = a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum();
    sum.sqrt() * 100.0
}

/// Every pair of the compared roles that is nearer than [`APART`] for someone.
/// Colours of the terminal's own palette cannot be measured and are left out.
pub fn close(styles: &Styles) -> Vec<Close> {
    let colour = |role: Role| measured(seen(styles, role).0).map(|rgb| (role, rgb));
    let known: Vec<_> = COMPARED.into_iter().filter_map(colour).collect();
    let mut found = Vec::new();
    for sight in Sight::ALL {
        for (n, (one, a)) in known.iter().enumerate() {
            for (other, b) in known.iter().skip(n + 1) {
                let distance = distance(*a, *b, sight);
                if distance < APART {
                    found.push(Close { one: *one, other: *other, sight, distance });
                }
            }
        }
    }
    found
}

fn times(matrix: [Row; 3], [x, y, z]: Row) -> Row {
    matrix.map(|[a, b, c]| a * x + b * y + c * z)
}

fn simulated((r, g, b): Rgb, sight: Sight) -> Row {
    times(sight.matrix(), [linear(r), linear(g), linear(b)]).map(|v| v.clamp(0.0, 1.0))
}

fn oklab(rgb: Row) -> Row {
    const CONES: [Row; 3] = [
        [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
        [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
        [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
    ];
    const LAB: [Row; 3] = [
        [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
        [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
        [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
    ];
    times(LAB, times(CONES, rgb).map(f64::cbrt))
}

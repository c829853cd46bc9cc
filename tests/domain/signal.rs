//! Values of signals as they are shown.

use holdpoint::domain::signal::Unit;

#[test]
fn a_value_and_its_limit_are_in_one_unit() {
    for (unit, value, limit, shown) in [
        (Unit::PerSecond, 25.0, 15.0, ("1500/min", "900/min")),
        (Unit::PerSecond, 10.0, 25.0, ("600/min", "1500/min")),
        (Unit::PerSecond, 40.0, 25.0, ("40/s", "25/s")),
        (Unit::PerSecond, 0.0, 25.0, ("0/s", "25/s")),
        (Unit::Seconds, 1.08, 0.8, ("1080 ms", "800 ms")),
        (Unit::Seconds, 2.0, 1.5, ("2.00 s", "1.50 s")),
        (Unit::Times, 14.42, 6.0, ("14.4x", "6.0x")),
        (Unit::Ratio, 0.1, 0.02, ("10.00 %", "2.00 %")),
    ] {
        let (value, limit) = unit.beside(value, limit);
        assert_eq!((value.as_str(), limit.as_str()), shown, "{unit:?}");
    }
}

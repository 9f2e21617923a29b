//! Distribution functions against 50-digit values, in relative terms.

use crate::fixtures::{close, fixture, number, numbers, rows};
use study::stats::dist::{
    chi_square, dunnett::Dunnett, fisher, noncentral_t, normal, student,
    studentized_range::StudentizedRange,
};

#[test]
fn normal_tail_keeps_its_digits() {
    for row in rows(&fixture("distributions")["normal"]) {
        let [z, p] = numbers(row)[..] else { panic!() };
        close(normal::sf(z), p, 1e-13, &format!("normal sf({z})"));
        if z > -6.0 {
            close(
                normal::upper_quantile(p),
                z,
                1e-13,
                &format!("normal quantile({p})"),
            );
        }
    }
}

#[test]
fn t_tail_keeps_its_digits_down_to_1e_300_and_up_to_1e12_degrees_of_freedom() {
    for row in rows(&fixture("distributions")["t"]) {
        let [df, t, p] = numbers(row)[..] else {
            panic!()
        };
        close(student::sf(t, df), p, 1e-12, &format!("t sf({t}; {df})"));
    }
}

#[test]
fn t_quantile_inverts_the_tail() {
    for row in rows(&fixture("distributions")["t_quantile"]) {
        let [df, p, t] = numbers(row)[..] else {
            panic!()
        };
        close(
            student::upper_quantile(p, df),
            t,
            1e-11,
            &format!("t quantile({p}; {df})"),
        );
    }
}

#[test]
fn f_tail_keeps_its_digits() {
    for row in rows(&fixture("distributions")["f"]) {
        let [f, df, df_error, p] = numbers(row)[..] else {
            panic!()
        };
        close(
            fisher::sf(f, df, df_error),
            p,
            1e-12,
            &format!("F sf({f}; {df}, {df_error})"),
        );
    }
}

#[test]
fn chi_square_tail_keeps_its_digits() {
    for row in rows(&fixture("distributions")["chi_square"]) {
        let [x, df, p] = numbers(row)[..] else {
            panic!()
        };
        close(
            chi_square::sf(x, df),
            p,
            1e-11,
            &format!("chi-square sf({x}; {df})"),
        );
    }
}

#[test]
fn studentized_range_tail_holds_from_2_to_50_groups_and_2_to_infinite_degrees_of_freedom() {
    for row in rows(&fixture("studentized_range")["rows"]) {
        let [k, df, q, p] = numbers(row)[..] else {
            panic!()
        };
        let what = format!("studentized range sf({q}; {k}, {df})");
        close(StudentizedRange::new(k as usize).sf(q, df), p, 1e-10, &what);
    }
}

#[test]
fn studentized_range_of_two_is_a_t_in_disguise() {
    let range = StudentizedRange::new(2);
    for df in [1.0, 2.0, 3.3, 19.0, 1e3, 1e6, 1e12, f64::INFINITY] {
        for q in [0.01, 1.0, 3.0, 9.0, 40.0] {
            let t = 2.0 * student::sf(q / std::f64::consts::SQRT_2, df);
            if t > 1e-300 {
                close(range.sf(q, df), t, 1e-11, &format!("{q}; {df}"));
            }
        }
    }
}

#[test]
fn studentized_range_quantile_inverts_the_tail() {
    for (k, df, p) in [
        (2, 5.0, 0.05),
        (4, 36.0, 0.05),
        (20, 1e3, 1e-9),
        (50, f64::INFINITY, 0.9),
    ] {
        let range = StudentizedRange::new(k);
        let q = range.upper_quantile(p, df).unwrap();
        close(range.sf(q, df), p, 1e-12, "studentized range quantile");
    }
}

#[test]
fn noncentral_t_tail_keeps_its_digits() {
    for row in rows(&fixture("noncentral_t")["rows"]) {
        let [df, delta, t, p] = numbers(row)[..] else {
            panic!()
        };
        let what = format!("noncentral t sf({t}; {df}, {delta})");
        close(noncentral_t::sf(t, df, delta), p, 1e-11, &what);
    }
}

#[test]
fn dunnett_tail_keeps_its_digits() {
    for row in rows(&fixture("dunnett")["rows"]) {
        let lambdas = numbers(&row[0]);
        let df = row[1].as_f64().unwrap_or(f64::INFINITY);
        let (t, p) = (number(&row[2]), number(&row[3]));
        close(
            Dunnett::new(&lambdas).sf(t, df),
            p,
            1e-10,
            &format!("Dunnett sf({t}; {df}, {lambdas:?})"),
        );
    }
}

#[test]
fn dunnett_with_one_comparison_is_a_t_test() {
    let known = f64::INFINITY;
    // At 12 and 30 the inner integrand has two peaks with nothing between them.
    for (t, df) in [
        (0.3, 4.0),
        (2.0, 10.0),
        (12.0, 50.0),
        (5.0, known),
        (12.0, known),
        (30.0, known),
    ] {
        close(
            Dunnett::new(&[0.6]).sf(t, df),
            2.0 * student::sf(t, df),
            1e-11,
            "Dunnett",
        );
    }
}

#[test]
fn both_integrals_of_the_noncentral_t_agree_where_they_meet() {
    // Just below and just above the switch at 8 √(2ν), 40 at least; dT/dδ is smooth.
    for (df, switch) in [(3.0, 40.0), (19.0, 8.0 * 38.0_f64.sqrt())] {
        for scale in [0.7, 1.0, 1.3, 3.0] {
            let t = switch * scale;
            let at = |step: f64| noncentral_t::sf(t, df, switch + step);
            let (below, above) = (at(-1e-7), at(1e-7));
            let slope = (at(1e-4) - above) / (1e-4 - 1e-7);
            let gap = above - below - 2e-7 * slope;
            assert!(
                gap.abs() < 1e-10 * above,
                "{gap:e} of {above:e} at {df}, {t}"
            );
        }
    }
}

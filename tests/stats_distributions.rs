//! Distribution functions against 50-digit values, in relative terms.

mod stats_support;

use stats_support::{close, fixture, numbers, rows};
use study::stats::dist::{chi_square, fisher, normal, student};

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

//! Dots along a line that step aside for one another, the same way every time.

/// How far each dot stands aside, up or down, so that no two come closer than `distance` while
/// each keeps its place along the line; where dots find no room within `limit`, all stand closer.
/// Places need no order.
pub(super) fn offsets(places: &[f64], distance: f64, limit: f64) -> Vec<f64> {
    let mut aside = aside(places, distance, f64::INFINITY).unwrap_or_default();
    let widest = aside.iter().fold(0.0_f64, |widest, a| widest.max(a.abs()));
    if widest > limit {
        for offset in &mut aside {
            *offset *= limit / widest;
        }
    }
    aside
}

/// Whether [`offsets`] stay within `limit` without standing closer.
pub(super) fn fits(places: &[f64], distance: f64, limit: f64) -> bool {
    aside(places, distance, limit).is_some()
}

fn aside(places: &[f64], distance: f64, limit: f64) -> Option<Vec<f64>> {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|&i, &j| places[i].total_cmp(&places[j]));
    let mut aside: Vec<f64> = vec![0.0; places.len()];
    for (rank, &i) in order.iter().enumerate() {
        let near: Vec<(f64, f64)> = order[..rank]
            .iter()
            .rev()
            .map(|&j| (places[i] - places[j], aside[j]))
            .take_while(|(along, _)| *along < distance)
            .collect();
        // A dot stands on the line, or touches one that it stepped aside for.
        let mut candidates: Vec<f64> = near
            .iter()
            .flat_map(|(along, other)| {
                let reach = (distance * distance - along * along).sqrt();
                [other + reach, other - reach]
            })
            .chain([0.0])
            .collect();
        candidates.sort_by(|a, b| a.abs().total_cmp(&b.abs()).then(b.total_cmp(a)));
        let free = |candidate: &&f64| {
            near.iter()
                .all(|(along, other)| along.hypot(*candidate - other) >= distance * (1.0 - 1e-9))
        };
        aside[i] = candidates.iter().find(free).copied().unwrap_or(0.0);
        if aside[i].abs() > limit {
            return None;
        }
    }
    Some(aside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_dot_hides_another_and_equal_ones_stand_apart() {
        let places: Vec<f64> = (0..200).map(|i| f64::from(i * 7 % 20) * 1.3).collect();
        let aside = offsets(&places, 2.0, f64::INFINITY);
        for i in 0..places.len() {
            for j in 0..i {
                let apart = (places[i] - places[j]).hypot(aside[i] - aside[j]);
                assert!(apart > 2.0 - 1e-6, "{i} and {j} are {apart} apart");
            }
        }
    }

    #[test]
    fn what_has_no_room_stands_closer_but_never_in_one_place() {
        let aside = offsets(&[5.0; 200], 2.0, 10.0);
        let mut sorted = aside.clone();
        sorted.sort_by(f64::total_cmp);
        assert!(sorted.iter().all(|a| a.abs() <= 10.0 + 1e-9));
        assert!(sorted.windows(2).all(|pair| pair[1] - pair[0] > 0.05));
    }
}

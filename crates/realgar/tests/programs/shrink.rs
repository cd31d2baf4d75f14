//! Makes a failing program short: operations are taken out, by halves and then one by one, as long as it still fails.

use crate::{
    generate::sensible,
    program::{Op, Program},
    schemas::{Rel, Var},
};

/// The shortest program found that still fails.
pub fn shrink(program: Program, fails: &mut dyn FnMut(&Program) -> bool) -> Program {
    let mut best = program;
    loop {
        let before = best.ops.len();
        best = shorten(best, fails);
        best = simplify(best, fails);
        if best.ops.len() == before {
            return best;
        }
    }
}

fn attempt(best: &mut Program, ops: Vec<Op>, fails: &mut dyn FnMut(&Program) -> bool) -> bool {
    let candidate = sensible(&Program { schema: best.schema, ops });
    let better = weight(&candidate) < weight(best) && fails(&candidate);
    if better {
        *best = candidate;
    }
    better
}

/// Fewer operations are better, and so are smaller ones.
fn weight(program: &Program) -> (usize, usize) {
    (program.ops.len(), program.to_string().len())
}

fn shorten(mut best: Program, fails: &mut dyn FnMut(&Program) -> bool) -> Program {
    let mut size = best.ops.len().max(1) / 2;
    while size > 0 {
        let mut start = 0;
        while start < best.ops.len() {
            let end = (start + size).min(best.ops.len());
            let ops = [&best.ops[..start], &best.ops[end..]].concat();
            if !attempt(&mut best, ops, fails) {
                start += size;
            }
        }
        size /= 2;
    }
    best
}

/// Fields and options that are not needed go.
fn simplify(mut best: Program, fails: &mut dyn FnMut(&Program) -> bool) -> Program {
    let mut at = 0;
    while at < best.ops.len() {
        for simpler in simpler(&best.ops[at]) {
            let mut ops = best.ops.clone();
            ops[at] = simpler;
            if attempt(&mut best, ops, fails) {
                break;
            }
        }
        at += 1;
    }
    best
}

fn simpler(op: &Op) -> Vec<Op> {
    match op {
        Op::Add(var, value, fields) => {
            let without = (0..fields.len()).map(|index| {
                let mut fields = fields.clone();
                fields.remove(index);
                Op::Add(*var, *value, fields)
            });
            let fewer = (0..fields.len()).filter(|&index| fields[index].1.len() > 1).map(|index| {
                let mut fields: Vec<(Rel, Vec<Var>)> = fields.clone();
                fields[index].1.pop();
                Op::Add(*var, *value, fields)
            });
            without.chain(fewer).collect()
        }
        Op::Query(kind, options) if !options.is_empty() => {
            vec![Op::Query(*kind, options[..options.len() - 1].to_vec())]
        }
        Op::Replace(owner, rel, items) if !items.is_empty() => vec![Op::Replace(*owner, *rel, items[1..].to_vec())],
        Op::Assign(owner, rel, items) if !items.is_empty() => vec![Op::Assign(*owner, *rel, items[1..].to_vec())],
        _ => Vec::new(),
    }
}

//! Which objects were lent for writing, and where the copies of their columns lie: found by a place in what is known of
//! the object, not by a search.

use crate::identity::{
    State,
    arena::Arena,
    copies::{Kept, Old},
};

/// The copies that stand for what the rows of a mapper's objects hold, each with its object's slot, in no order.
pub(super) type KeptOf = Vec<(u32, Kept)>;

impl Arena {
    /// Keeps the columns of an object that has a row, unless they are kept already.
    #[inline]
    pub(super) fn keep(&mut self, slot: u32) {
        let meta = &mut self.metas[slot as usize];
        if meta.state == State::Persistent && meta.kept == 0 {
            let copy = self.copies.add(self.objects.object(slot));
            self.kept.push((slot, copy));
            meta.kept = self.kept.len() as u32;
        }
    }

    /// The copy that is kept of the object's columns.
    #[inline]
    pub(super) fn kept(&self, slot: u32) -> Option<Kept> {
        match self.metas[slot as usize].kept {
            0 => None,
            place => Some(self.kept[place as usize - 1].1),
        }
    }

    /// The object's columns as they were.
    #[inline]
    pub(super) fn old(&self, slot: u32) -> Option<Old<'_>> {
        self.kept(slot).map(|kept| self.copies.get(kept))
    }

    /// Another copy stands for what the object's row holds; nothing where none did.
    pub(super) fn keep_instead(&mut self, slot: u32, copy: Kept) {
        if let Some(place) = (self.metas[slot as usize].kept as usize).checked_sub(1) {
            self.kept[place].1 = copy;
        }
    }

    /// The copy that was kept; none is from now on.
    #[inline]
    pub(super) fn take_kept(&mut self, slot: u32) -> Option<Kept> {
        let place = std::mem::take(&mut self.metas[slot as usize].kept);
        if place == 0 {
            return None;
        }
        let (_, copy) = self.kept.swap_remove(place as usize - 1);
        if let Some(&(moved, _)) = self.kept.get(place as usize - 1) {
            self.metas[moved as usize].kept = place;
        }
        Some(copy)
    }

    /// All copies that were kept; none is from now on.
    pub(super) fn take_all_kept(&mut self) -> KeptOf {
        for &(slot, _) in &self.kept {
            self.metas[slot as usize].kept = 0;
        }
        std::mem::take(&mut self.kept)
    }
}

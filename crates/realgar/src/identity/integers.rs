//! From integer keys to slots. Keys mostly lie close together, since databases count: then a page of slots is found by the
//! key's upper bits, and the rest is its place in the page. Where they lie far apart, pages would be mostly empty, and a
//! hash map takes over.

use std::collections::{HashMap, hash_map};

type Map<T> = HashMap<i64, T, foldhash::fast::RandomState>;

/// How many keys share a page.
const PAGE: usize = 64;

/// So many pages may be nearly empty.
const FEW: usize = 16;

/// A slot that nobody has.
const FREE: u32 = u32::MAX;

type Page = [u32; PAGE];

#[derive(Debug)]
pub(super) enum Integers {
    Paged(Paged),
    Hashed(Map<u32>),
}

#[derive(Debug, Default)]
pub(super) struct Paged {
    pages: Vec<Page>,
    /// Where each page is.
    directory: Map<u32>,
    /// The page that was used last, by number and place: rows mostly come in the order of their keys.
    last: Option<(i64, u32)>,
    /// How many keys there are.
    keys: usize,
}

/// The place of a key that has no slot yet.
pub(super) enum Free<'a> {
    Page(&'a mut u32, &'a mut usize),
    Entry(hash_map::VacantEntry<'a, i64, u32>),
}

impl Free<'_> {
    #[inline]
    pub(super) fn fill(self, slot: u32) {
        match self {
            Free::Page(place, keys) => {
                *place = slot;
                *keys += 1;
            }
            Free::Entry(free) => {
                free.insert(slot);
            }
        }
    }
}

#[inline]
fn split(key: i64) -> (i64, usize) {
    (key.div_euclid(PAGE as i64), key.rem_euclid(PAGE as i64) as usize)
}

impl Paged {
    #[inline]
    fn page(&self, number: i64) -> Option<u32> {
        match self.last {
            Some((last, page)) if last == number => Some(page),
            _ => self.directory.get(&number).copied(),
        }
    }

    /// Where this key's slot stands, on a page that may be new, and how many keys there are.
    #[inline]
    fn entry(&mut self, key: i64) -> (&mut u32, &mut usize) {
        let (number, place) = split(key);
        let page = match self.last {
            Some((last, page)) if last == number => page,
            _ => self.find_or_add(number),
        };
        (&mut self.pages[page as usize][place], &mut self.keys)
    }

    fn find_or_add(&mut self, number: i64) -> u32 {
        let page = *self.directory.entry(number).or_insert_with(|| {
            self.pages.push([FREE; PAGE]);
            self.pages.len() as u32 - 1
        });
        self.last = Some((number, page));
        page
    }

    /// Whether pages cost more than a hash map would: less than an eighth of them is used.
    fn is_sparse(&self) -> bool {
        self.pages.len() > FEW && self.keys < self.pages.len() * (PAGE / 8)
    }

    fn all(&self) -> impl Iterator<Item = (i64, u32)> {
        self.directory.iter().flat_map(|(&number, &page)| {
            let key = move |place: usize| number * PAGE as i64 + place as i64;
            let slots = self.pages[page as usize].iter().enumerate();
            slots.filter(|&(_, &slot)| slot != FREE).map(move |(place, &slot)| (key(place), slot))
        })
    }
}

impl Default for Integers {
    fn default() -> Self {
        Integers::Paged(Paged::default())
    }
}

impl Integers {
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Integers::Paged(paged) => paged.keys == 0,
            Integers::Hashed(map) => map.is_empty(),
        }
    }

    pub(super) fn clear(&mut self) {
        match self {
            Integers::Paged(Paged { pages, directory, last, keys }) => {
                pages.clear();
                directory.clear();
                (*last, *keys) = (None, 0);
            }
            Integers::Hashed(_) => *self = Integers::default(),
        }
    }

    pub(super) fn get(&self, key: i64) -> Option<u32> {
        match self {
            Integers::Paged(paged) => {
                let (number, place) = split(key);
                let slot = paged.pages[paged.page(number)? as usize][place];
                (slot != FREE).then_some(slot)
            }
            Integers::Hashed(map) => map.get(&key).copied(),
        }
    }

    /// The slot of this key, or the place for it.
    #[inline]
    pub(super) fn place(&mut self, key: i64) -> Result<u32, Free<'_>> {
        if let Integers::Paged(paged) = self
            && paged.is_sparse()
        {
            *self = Integers::Hashed(paged.all().collect());
        }
        match self {
            Integers::Paged(paged) => match paged.entry(key) {
                (slot, keys) if *slot == FREE => Err(Free::Page(slot, keys)),
                (slot, _) => Ok(*slot),
            },
            Integers::Hashed(map) => match roomy(map).entry(key) {
                hash_map::Entry::Occupied(known) => Ok(*known.get()),
                hash_map::Entry::Vacant(free) => Err(Free::Entry(free)),
            },
        }
    }

    /// Answers the slot that had this key before.
    pub(super) fn insert(&mut self, key: i64, slot: u32) -> Option<u32> {
        match self.place(key) {
            Err(free) => {
                free.fill(slot);
                None
            }
            Ok(before) => {
                match self {
                    Integers::Paged(paged) => *paged.entry(key).0 = slot,
                    Integers::Hashed(map) => {
                        map.insert(key, slot);
                    }
                }
                Some(before)
            }
        }
    }

    pub(super) fn remove(&mut self, key: i64) {
        match self {
            Integers::Paged(paged) => {
                let (number, place) = split(key);
                if let Some(page) = paged.page(number)
                    && std::mem::replace(&mut paged.pages[page as usize][place], FREE) != FREE
                {
                    paged.keys -= 1;
                }
            }
            Integers::Hashed(map) => {
                map.remove(&key);
            }
        }
    }
}

/// Growing costs a walk over all keys, so a map that is full makes room for four times as many.
#[inline]
fn roomy(map: &mut Map<u32>) -> &mut Map<u32> {
    if map.len() == map.capacity() {
        map.reserve(3 * map.len());
    }
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(keys: impl Iterator<Item = i64> + Clone, paged: bool) {
        let mut integers = Integers::default();
        for (slot, key) in keys.clone().enumerate() {
            assert_eq!(integers.get(key), None);
            integers.insert(key, slot as u32);
        }
        assert_eq!(matches!(integers, Integers::Paged(_)), paged);
        for (slot, key) in keys.clone().enumerate() {
            assert_eq!(integers.get(key), Some(slot as u32));
            assert_eq!(integers.place(key).ok(), Some(slot as u32));
            integers.insert(key, 7);
            assert_eq!(integers.get(key), Some(7));
        }
        for key in keys {
            integers.remove(key);
            integers.remove(key);
            assert_eq!(integers.get(key), None);
        }
        assert!(integers.is_empty());
    }

    #[test]
    fn keys_that_lie_close() {
        check(1..=1_000, true);
        check((-500..500).rev(), true);
        check((0..3_000).step_by(3), true);
    }

    #[test]
    fn keys_that_lie_far_apart() {
        check((0..1_000).map(|key| key * 1_000_003), false);
        check([i64::MIN, -1, 0, 1, i64::MAX].into_iter(), true);
        check((0..100).map(|key| i64::MIN + key * (1 << 40)), false);
    }
}

//! The blog from outside: every page and every answer of the API, through the router, as a browser would ask.

mod api;
mod browser;
mod endpoints;
mod hostile;
mod pages;

-- The shop as every visitor first finds it. Money is in euro cents; hash_password() is registered by database.py.

CREATE TABLE products (
    id INTEGER PRIMARY KEY, slug TEXT UNIQUE NOT NULL, name TEXT NOT NULL, category TEXT NOT NULL,
    price_cents INTEGER NOT NULL, was_cents INTEGER, tagline TEXT NOT NULL, description TEXT NOT NULL,
    picture TEXT NOT NULL, tint TEXT NOT NULL, colours TEXT NOT NULL DEFAULT '', weight_g INTEGER NOT NULL,
    stock INTEGER NOT NULL, label TEXT NOT NULL DEFAULT ''
);
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY, product_id INTEGER NOT NULL REFERENCES products, author TEXT NOT NULL,
    stars INTEGER NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, helpful INTEGER NOT NULL, written_on TEXT NOT NULL
);
CREATE TABLE users (
    id INTEGER PRIMARY KEY, email TEXT UNIQUE NOT NULL, name TEXT NOT NULL, password_hash TEXT NOT NULL,
    role TEXT NOT NULL DEFAULT 'customer', confirmed INTEGER NOT NULL DEFAULT 1, token TEXT NOT NULL DEFAULT ''
);
CREATE TABLE addresses (
    id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users, label TEXT NOT NULL, recipient TEXT NOT NULL,
    street TEXT NOT NULL, postcode TEXT NOT NULL, city TEXT NOT NULL, country TEXT NOT NULL,
    is_default INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, number TEXT UNIQUE NOT NULL, user_id INTEGER NOT NULL REFERENCES users,
    placed_on TEXT NOT NULL, status TEXT NOT NULL, delivery TEXT NOT NULL, address TEXT NOT NULL, card TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '', subtotal_cents INTEGER NOT NULL, discount_cents INTEGER NOT NULL,
    shipping_cents INTEGER NOT NULL, total_cents INTEGER NOT NULL
);
CREATE TABLE order_items (
    order_id INTEGER NOT NULL REFERENCES orders, product_id INTEGER NOT NULL REFERENCES products,
    variant TEXT NOT NULL DEFAULT '', unit_cents INTEGER NOT NULL, quantity INTEGER NOT NULL
);
-- owner 0 is the visitor before logging in.
CREATE TABLE cart_items (
    id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, product_id INTEGER NOT NULL REFERENCES products,
    variant TEXT NOT NULL DEFAULT '', quantity INTEGER NOT NULL, UNIQUE (owner, product_id, variant)
);
CREATE TABLE wishes (owner INTEGER NOT NULL, product_id INTEGER NOT NULL REFERENCES products, UNIQUE (owner, product_id));
CREATE TABLE vouchers (code TEXT PRIMARY KEY, percent INTEGER NOT NULL, description TEXT NOT NULL);
CREATE TABLE preferences (
    user_id INTEGER PRIMARY KEY REFERENCES users, frequency TEXT NOT NULL, topic TEXT NOT NULL,
    order_updates INTEGER NOT NULL, sms INTEGER NOT NULL
);
CREATE TABLE repairs (
    id INTEGER PRIMARY KEY, number TEXT UNIQUE NOT NULL, user_id INTEGER NOT NULL REFERENCES users,
    article TEXT NOT NULL, pickup_on TEXT NOT NULL, daytime TEXT NOT NULL, photo TEXT NOT NULL, picture BLOB NOT NULL,
    note TEXT NOT NULL, status TEXT NOT NULL
);
CREATE TABLE stories (
    id INTEGER PRIMARY KEY, title TEXT NOT NULL, author TEXT NOT NULL, place TEXT NOT NULL, written_on TEXT NOT NULL,
    body TEXT NOT NULL, tint TEXT NOT NULL, cheers INTEGER NOT NULL
);
CREATE TABLE bookmarks (owner INTEGER NOT NULL, story_id INTEGER NOT NULL REFERENCES stories, UNIQUE (owner, story_id));
CREATE TABLE packing_items (
    id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users, name TEXT NOT NULL, position INTEGER NOT NULL,
    packed INTEGER NOT NULL DEFAULT 0, removed INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE mails (
    id INTEGER PRIMARY KEY, sent_on TEXT NOT NULL, recipient TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,
    link TEXT NOT NULL DEFAULT '', link_text TEXT NOT NULL DEFAULT '', is_read INTEGER NOT NULL DEFAULT 0
);
-- One row each: the picture in the studio, and the recording beside a story.
CREATE TABLE photo (
    angle INTEGER NOT NULL, mirrored INTEGER NOT NULL, zoom INTEGER NOT NULL, light INTEGER NOT NULL,
    framed INTEGER NOT NULL
);
CREATE TABLE player (playing INTEGER NOT NULL, muted INTEGER NOT NULL, second INTEGER NOT NULL);
INSERT INTO photo VALUES (0, 0, 100, 100, 0);
INSERT INTO player VALUES (0, 0, 60);
-- One row: who is logged in here, and the voucher in use.
CREATE TABLE session (user_id INTEGER, voucher TEXT);
INSERT INTO session VALUES (NULL, NULL);

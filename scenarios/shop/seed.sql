-- The shop as every visitor first finds it. Money is in euro cents; hash_password() is registered by store.py.

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
    id INTEGER PRIMARY KEY, email TEXT UNIQUE NOT NULL, name TEXT NOT NULL, password_hash TEXT NOT NULL
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
-- One row: who is logged in here, and the voucher in use.
CREATE TABLE session (user_id INTEGER, voucher TEXT);
INSERT INTO session VALUES (NULL, NULL);

INSERT INTO products VALUES
(1,'ridge-45-backpack','Ridge 45 Backpack','Packs',18900,NULL,'Carries a week without complaint','A 45 litre pack with a breathable back, two hip pockets and a lid that becomes a day bag. Made from recycled ripstop and repaired by us for life.','backpack','blue','Lake blue|Moss green|Ember',1480,14,'Bestseller'),
(2,'nook-2-tent','Nook 2 Tent','Shelter',32900,NULL,'A calm room for two, in any weather','Two doors, two porches and one pole too few to argue about. Pitches outer first in four minutes and stands up to a night of gale.','tent','green','',1950,6,''),
(3,'squall-rain-jacket','Squall Rain Jacket','Clothing',17900,21900,'Three layers between you and the weather','A three-layer shell with sealed seams, pit zips and a hood that turns with your head. PFC-free and easy to mend.','jacket','amber','Saffron|Slate',410,11,'Sale'),
(4,'spark-stove','Spark Stove','Kitchen',5900,NULL,'Boils a litre before you find the tea','Folds to the size of a matchbox, simmers as well as it roars, and stands firm on three wide legs.','stove','red','',86,23,''),
(5,'glow-lantern','Glow Lantern','Light & tools',4200,NULL,'Warm light for the whole table','Dimmable from candle to cookhouse. Charges by USB-C or by an afternoon of sun, and hangs upside down from its loop.','lantern','amber','',240,31,'New'),
(6,'scree-boots','Scree Boots','Clothing',19900,NULL,'Grip for the way down','Full-grain leather, a sole that bites on wet rock, and a last that has room for toes. Can be resoled twice.','boots','brown','Walnut|Granite',1240,9,''),
(7,'ember-sleeping-bag','Ember Sleeping Bag','Shelter',21900,NULL,'Warm to minus five','Responsibly sourced down, a draught collar that works, and a zip that does not eat the lining.','sleepingbag','red','',920,8,''),
(8,'drift-22-daypack','Drift 22 Daypack','Packs',8900,NULL,'From the office to the ridge','A clean 22 litre pack with a padded sleeve, a rain cover in its floor and straps that stay where you put them.','daypack','green','Moss green|Sand',640,18,''),
(9,'enamel-mug','Enamel Mug','Kitchen',1600,NULL,'Tastes better outside','Steel under two coats of enamel. Goes on the fire, survives the dishwasher, and only gets prettier.','mug','blue','',130,52,''),
(10,'beam-headlamp','Beam Headlamp','Light & tools',4900,NULL,'Four hundred lumens, one button','A wide flood for camp, a long beam for the path, and red light for everyone else.','headlamp','violet','',78,27,''),
(11,'merino-beanie','Merino Beanie','Clothing',2900,NULL,'Soft, warm and out of the way','Knitted in one piece from fine merino. Fits under a hood or a helmet.','beanie','violet','Heather|Charcoal',52,40,''),
(12,'lull-hammock','Lull Hammock','Shelter',6400,NULL,'The long way to say nap','Parachute cloth for two, tree-friendly straps included. Packs down to a grapefruit.','hammock','teal','',520,16,''),
(13,'steel-bottle','Steel Bottle 1 L','Kitchen',3200,NULL,'Cold for a day, hot for a night','Double-walled steel with a loop lid. No paint inside, no taste of yesterday.','bottle','teal','',390,36,''),
(14,'stride-trekking-poles','Stride Trekking Poles','Light & tools',8400,NULL,'Two more legs for the descent','Three-piece carbon with cork grips and flick locks that work with gloves on.','poles','brown','',420,12,''),
(15,'cloud-sleeping-mat','Cloud Sleeping Mat','Shelter',9900,11900,'Seven centimetres of good night','An insulated air mat that inflates in ten breaths and keeps quiet when you turn.','mat','violet','',480,15,'Sale'),
(16,'basecamp-pot-set','Basecamp Pot Set','Kitchen',4800,NULL,'Dinner for two, nested','Two hard-anodised pots, one lid that strains, and a handle that fits both.','pots','green','',410,19,''),
(17,'tide-dry-bag','Tide Dry Bag 20 L','Packs',3400,NULL,'What goes in dry stays dry','Welded seams, a roll top and a window to find your socks by.','drybag','amber','',190,29,''),
(18,'bearing-compass','Bearing Compass','Light & tools',3600,NULL,'Never out of battery','A jewelled needle in a clear base plate with scales for every common map.','compass','red','',34,22,''),
(19,'loft-down-vest','Loft Down Vest','Clothing',13900,NULL,'Warmth without sleeves','Light down in a quiet shell; stuffs into its own pocket.','vest','blue','',280,13,''),
(20,'trail-coffee-kit','Trail Coffee Kit','Kitchen',4400,NULL,'A proper cup above the tree line','A steel dripper, a hand mill and a tin that keeps thirty grams fresh.','coffee','brown','',340,17,'New'),
(21,'fold-knife','Fold Knife','Light & tools',3800,NULL,'One blade, kept sharp','Carbon steel in a beech handle, with a ring that locks it open and shut.','knife','amber','',48,25,''),
(22,'wool-socks','Wool Socks 3-Pack','Clothing',2700,NULL,'Three days of happy feet','Cushioned where it rubs, thin where it does not. Repaired or replaced for ten years.','socks','teal','',180,60,''),
(23,'pocket-sling','Pocket Sling','Packs',3900,NULL,'For the little that you need','A two litre sling with one good zip and a hidden pocket at the back.','sling','red','Brick|Ink',160,21,''),
(24,'field-notebook','Field Notebook','Light & tools',1200,NULL,'Writes in the rain','Stone paper, sewn so that it lies flat, with a loop for a pencil.','notebook','green','',95,80,'');

INSERT INTO reviews VALUES
(1,1,'Priya N.',5,'Still looks new after the GR 20','Two weeks, fourteen kilos, not one sore spot. The hip pockets take a phone and half a lunch.',12,'2026-04-18'),
(2,1,'Tomasz W.',4,'Nearly perfect','Comfortable and tough. I would like one more loop for the poles.',5,'2026-03-30'),
(3,1,'Ines R.',5,'The repair service is real','A buckle broke in the airport. Sent it in on Monday, had it back on Friday, no charge.',9,'2026-02-11'),
(4,2,'Oskar L.',5,'Quiet in a storm','Force eight on the coast and we slept. Pitches exactly as fast as they say.',17,'2026-04-02'),
(5,2,'Mei C.',4,'Roomy','Plenty of space for two tall people and a small dog.',3,'2026-01-20'),
(6,3,'Hannah B.',4,'Keeps the rain out','Four hours of drizzle and I was dry. The pockets could be larger.',8,'2026-03-09'),
(7,3,'Luca F.',5,'Best hood I have had','It turns with you. That is all I ever wanted.',6,'2026-02-27'),
(8,4,'Greta S.',5,'Tiny and fierce','Faster than my kettle at home.',11,'2026-04-25'),
(9,4,'Paul D.',3,'Good, a bit loud','Works well but wakes the neighbours.',2,'2026-03-14'),
(10,5,'Amara O.',5,'Lovely light','We use it on the balcony all summer.',7,'2026-05-01'),
(11,5,'Jonas K.',4,'Lasts long','Three evenings on one charge.',4,'2026-04-21'),
(12,6,'Sofia M.',5,'No blisters','Out of the box and up the hill.',10,'2026-04-10'),
(13,7,'Erik H.',4,'Warm','Slept well at minus three.',3,'2026-02-02'),
(14,8,'Nora P.',5,'My everyday bag','Looks neat and swallows a lot.',6,'2026-03-22'),
(15,9,'Ben A.',5,'It is a mug','And a very good one.',14,'2026-04-30'),
(16,10,'Zoe T.',4,'Bright','Simple to use with cold hands.',5,'2026-01-28'),
(17,12,'Ravi S.',5,'Sunday in a bag','Hung it up and was gone for two hours.',8,'2026-04-12'),
(18,13,'Clara V.',4,'Does what it says','Tea was still hot in the morning.',6,'2026-03-03'),
(19,15,'Henrik J.',5,'Finally slept','Quiet and warm, and it packs small.',9,'2026-04-07'),
(20,20,'Yuki M.',5,'Worth the grams','Breakfast is the best part of the day again.',13,'2026-05-03');

INSERT INTO users VALUES
(1,'ada@example.com','Ada Linden',hash_password('alpine-lake-42')),
(2,'ben@example.com','Ben Okafor',hash_password('alpine-lake-42'));

INSERT INTO addresses VALUES
(1,1,'Home','Ada Linden','12 Harbour Lane','20459','Hamburg','Germany',1),
(2,1,'Office','Ada Linden, Studio Nord','Kastanienallee 41','10435','Berlin','Germany',0),
(3,1,'Summer cabin','Ada Linden','Strandveien 7','4790','Lillesand','Norway',0),
(4,1,'Parents','Greta and Olaf Linden','Marktplatz 3','37073','Göttingen','Germany',0),
(5,2,'Home','Ben Okafor','5 Mill Road','CB1 2AD','Cambridge','United Kingdom',1);

INSERT INTO orders VALUES
(1,'T-1021',1,'2026-02-03','Delivered','Standard','Ada Linden, 12 Harbour Lane, 20459 Hamburg, Germany','4242','',20500,0,0,20500),
(2,'T-1034',1,'2026-04-19','Shipped','Standard','Ada Linden, 12 Harbour Lane, 20459 Hamburg, Germany','4242','',6400,0,490,6890),
(3,'T-1039',1,'2026-05-11','Processing','Express','Ada Linden, Studio Nord, Kastanienallee 41, 10435 Berlin, Germany','4242','Leave it with the neighbours',5800,0,1290,7090),
(4,'T-1041',1,'2026-05-13','Processing','Standard','Ada Linden, 12 Harbour Lane, 20459 Hamburg, Germany','4242','',18900,1890,0,17010),
(5,'T-1040',2,'2026-05-12','Processing','Standard','Ben Okafor, 5 Mill Road, CB1 2AD Cambridge, United Kingdom','1881','',2900,0,490,3390);
INSERT INTO order_items VALUES
(1,1,'Moss green',18900,1),(1,9,'',1600,1),
(2,12,'',6400,1),
(3,11,'Heather',2900,2),
(4,1,'Lake blue',18900,1),
(5,11,'Charcoal',2900,1);

INSERT INTO cart_items VALUES (1,2,1,'Lake blue',1),(2,2,9,'',2),(3,2,18,'',1);
INSERT INTO wishes VALUES (1,2),(1,20);
INSERT INTO vouchers VALUES ('TRAIL10',10,'10% off everything'),('WELCOME5',5,'5% off your first order');
INSERT INTO preferences VALUES (1,'Weekly','Everything',1,0),(2,'Never','Everything',1,0);

-- Ada and Ben with all that is theirs, and Mira at the desk.

INSERT INTO users (id, email, name, password_hash, role) VALUES
(1,'ada@example.com','Ada Linden',hash_password('alpine-lake-42'),'customer'),
(2,'ben@example.com','Ben Okafor',hash_password('alpine-lake-42'),'customer'),
(3,'mira@example.com','Mira Solberg',hash_password('alpine-lake-42'),'staff');

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

INSERT INTO repairs VALUES (1,'R-208',1,'Enamel Mug','2026-03-17','Afternoon','chipped-mug.jpg',x'ffd8ffe0','A chip in the rim.','Mended');
INSERT INTO packing_items (id, user_id, name, position, packed) VALUES
(1,1,'Tent and pegs',1,1),(2,1,'Sleeping bag',2,0),(3,1,'Stove and gas',3,0),(4,1,'Rain jacket',4,0),
(5,1,'Head torch',5,0),(6,1,'First-aid kit',6,0),(7,1,'Map and whistle',7,0);
INSERT INTO mails (id, sent_on, recipient, subject, body, link, link_text, is_read) VALUES
(1,'2026-04-20','ada@example.com','Your order T-1034 is on its way','Heron Post has taken your parcel. It should be with you in two to three days.','/track/T-1034','Track parcel',1),
(2,'2026-05-02','ada@example.com','Letter from the workshop: how to wax a jacket','Warm the wax, warm the cloth, and take your time. The journal has the long version.','','',0);

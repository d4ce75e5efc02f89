"""The things that the shop deals in, as frozen dataclasses; `store.Store` reads and writes them.

Cart(lines=(CartLine(id=2, product=Product(name="Enamel Mug", …), variant="", quantity=2),), voucher=None)
cart.subtotal_cents -> 3200      cart.shipping_cents("Standard") -> 490      cart.total_cents("Standard") -> 3690
"""

from dataclasses import dataclass

FREE_SHIPPING_FROM_CENTS = 7_500
SHIPPING_CENTS = {"Standard": 490, "Express": 1_290}
CATEGORIES = ("Packs", "Shelter", "Kitchen", "Clothing", "Light & tools")
COUNTRIES = ("Austria", "Denmark", "France", "Germany", "Italy", "Norway", "Switzerland", "United Kingdom")
FREQUENCIES = ("Never", "Weekly", "Monthly", "Only big news")
TOPICS = ("Everything", "New gear", "Repairs and care", "Offers")


@dataclass(frozen=True, slots=True)
class Product:
    """One thing for sale."""

    id: int
    slug: str
    name: str
    category: str
    price_cents: int
    was_cents: int | None
    tagline: str
    description: str
    picture: str
    tint: str
    colours: str
    weight_g: int
    stock: int
    label: str
    stars: float = 0.0
    reviews: int = 0

    @property
    def variants(self) -> tuple[str, ...]:
        """The colours to choose from; empty when there is only one."""
        return tuple(self.colours.split("|")) if self.colours else ()


@dataclass(frozen=True, slots=True)
class Review:
    """What a customer wrote about a product."""

    id: int
    author: str
    stars: int
    title: str
    body: str
    helpful: int
    written_on: str


@dataclass(frozen=True, slots=True)
class Voucher:
    """A code that takes some percent off."""

    code: str
    percent: int
    description: str


@dataclass(frozen=True, slots=True)
class CartLine:
    """One row of the cart."""

    id: int
    product: Product
    variant: str
    quantity: int

    @property
    def total_cents(self) -> int:
        """Price of the whole row."""
        return self.product.price_cents * self.quantity


@dataclass(frozen=True, slots=True)
class Cart:
    """What the visitor wants to buy."""

    lines: tuple[CartLine, ...]
    voucher: Voucher | None = None

    @property
    def count(self) -> int:
        """Number of articles, for the badge."""
        return sum(line.quantity for line in self.lines)

    @property
    def subtotal_cents(self) -> int:
        """Sum of the rows."""
        return sum(line.total_cents for line in self.lines)

    @property
    def discount_cents(self) -> int:
        """What the voucher takes off."""
        return self.subtotal_cents * self.voucher.percent // 100 if self.voucher else 0

    def shipping_cents(self, delivery: str = "Standard") -> int:
        """Cost of `delivery`; standard delivery of a large enough cart is free."""
        if not self.lines or (delivery == "Standard" and self.subtotal_cents >= FREE_SHIPPING_FROM_CENTS):
            return 0
        return SHIPPING_CENTS[delivery]

    def total_cents(self, delivery: str = "Standard") -> int:
        """What is to be paid."""
        return self.subtotal_cents - self.discount_cents + self.shipping_cents(delivery)


@dataclass(frozen=True, slots=True)
class User:
    """A customer with an account."""

    id: int
    email: str
    name: str
    role: str
    """customer | staff."""

    @property
    def is_staff(self) -> bool:
        """Whether the desk is open to them."""
        return self.role == "staff"


@dataclass(frozen=True, slots=True)
class Address:
    """One entry of the address book."""

    id: int
    label: str
    recipient: str
    street: str
    postcode: str
    city: str
    country: str
    is_default: int = 0

    def __str__(self) -> str:
        return f"{self.recipient}, {self.street}, {self.postcode} {self.city}, {self.country}"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One article of an order."""

    product: Product
    variant: str
    unit_cents: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it was placed."""

    id: int
    number: str
    placed_on: str
    status: str
    delivery: str
    address: str
    card: str
    note: str
    subtotal_cents: int
    discount_cents: int
    shipping_cents: int
    total_cents: int
    lines: tuple[OrderLine, ...] = ()

    @property
    def can_be_cancelled(self) -> bool:
        """Until it is on its way."""
        return self.status == "Processing"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the shop may write to a customer about."""

    frequency: str
    topic: str
    order_updates: int
    sms: int

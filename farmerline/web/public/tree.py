"""The tree of products beside the board, and what its branches are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace

from farmerline.queries import product_tree
from farmerline.queries.product_tree import Product
from farmerline.web.language import _

_SHOWN = 25
CATEGORIES: Mapping[str, str] = {
    "fruit": "Fruit", "veg": "Vegetables", "grain": "Grain and beans", "cash": "Oil and cash crops", "tea": "Tea",
    "nut": "Nuts", "mushroom": "Mushrooms", "herb": "Herbs", "tree": "Trees and flowers", "livestock": "Livestock",
    "poultry": "Poultry", "aquatic": "Fish and shellfish", "bee": "Bees", "feed": "Feed", "straw": "Straw", "manure": "Manure",
    "input": "Farm supplies", "machine": "Machines", "equipment": "Equipment", "service": "Farm services",
    "labour": "Labour", "land": "Land", "processed": "Processed food", "other": "Other things",
}  # fmt: skip
FORMS: Mapping[str, str] = {
    "fresh": "Fresh", "dried": "Dried", "grain": "Grain", "raw": "Raw", "seedling": "Seedlings", "seed": "Seed",
    "live": "Live animals", "young": "Young animals", "breed": "Breeding animals", "meat": "Meat", "egg": "Eggs", "feed": "Feed",
    "manure": "Manure", "byproduct": "By-products", "processed": "Processed", "straw": "Straw", "machine": "Machines",
    "part": "Parts", "equipment": "Equipment", "input": "Farm supplies", "land": "Land", "service": "Farm services",
    "labour": "Labour",
}  # fmt: skip
Address = Callable[[str], str]


def tree(chosen: str, products: Sequence[Product], all_count: int, address: Address) -> list[SimpleNamespace]:
    """Everything, below it the categories, below the chosen one its products, below the chosen product its forms."""
    concept = chosen.partition(product_tree.SEPARATOR)[0]
    form = "·".join(chosen.split("·")[:2])
    category = next((one.category for one in products if one.concept == concept), concept)
    branches = []
    for code, inside in _grouped(products, lambda one: one.category):
        inner = _concepts(concept, form, inside, address) if code == category else []
        branches.append(
            _node(
                _(CATEGORIES.get(code, "Other things")),
                code or "other",
                _sum(inside),
                concept,
                inner,
                address,
            )
        )
    return [_node(_("All posts"), "", all_count, chosen, branches, address)]


def title(product: str, products: Sequence[Product]) -> str:
    """What the chosen product is called; "" for everything."""
    if product in CATEGORIES:
        return _(CATEGORIES[product])
    return product_tree.name(products, product)


def form_name(form: str) -> str:
    """What a form is called."""
    return _(FORMS[form])


def _concepts(
    concept: str, form: str, products: Sequence[Product], address: Address
) -> list[SimpleNamespace]:
    nodes = []
    for name, forms in _grouped(products, lambda one: one.concept)[:_SHOWN]:
        if len(forms) == 1 and name != concept:
            nodes.append(_node(forms[0].name, forms[0].value, forms[0].count, form, [], address))
            continue
        inner = [_node(one.name, one.value, one.count, form, [], address) for one in forms]
        nodes.append(_node(name, name, _sum(forms), form, inner if name == concept else [], address))
    return nodes


def _grouped(products: Sequence[Product], by: Callable[[Product], str]) -> list[tuple[str, list[Product]]]:
    """The groups, the largest first."""
    groups: dict[str, list[Product]] = {}
    for one in products:
        groups.setdefault(by(one), []).append(one)
    return sorted(groups.items(), key=lambda group: -_sum(group[1]))


def _sum(products: Sequence[Product]) -> int:
    return sum(one.count for one in products)


def _node(
    name: str, value: str, count: int, chosen: str, children: list[SimpleNamespace], address: Address
) -> SimpleNamespace:
    return SimpleNamespace(
        name=name, href=address(value), count=count, current=value == chosen, children=children
    )

"""The changes: each is an expression or statement of a function, written once as it is and once changed, with a switch between both.

So a module is imported once, and a test process can try all its mutants, one after another, by turning one switch.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

SWITCH = "_mutant_is_active_"
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
LOOKUPS = {"__lt": "__lte", "__lte": "__lt", "__gt": "__gte", "__gte": "__gt"}
CALLS = {"any": "all", "all": "any", "min": "max", "max": "min", "filter": "exclude", "exclude": "filter"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change. ``number`` is its switch; ``function``, ``before`` and ``after`` name it in reports."""

    number: int
    line: int
    function: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.function}: `{self.before}` → `{self.after}`"


@dataclass
class Instrumentation(ast.NodeTransformer):
    """Puts the switches into a module; ``mutants`` is the list of them."""

    mutants: list[Mutant] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    inside: int = 0

    # Functions: only what they execute; defaults, decorators and annotations are evaluated at import

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.functions.append(node.name)
        self.inside += 1
        node.body = [found for each in node.body for found in self._statements(each)]
        self.inside -= 1
        self.functions.pop()
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.functions.append(node.name)
        outer, self.inside = self.inside, 0
        node.body = [found for each in node.body for found in self._statements(each)]
        self.inside = outer
        self.functions.pop()
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        self.inside += 1
        node.body = self._expression(node.body)
        self.inside -= 1
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self._expression(node.value)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                part.value = self._expression(part.value)
        return node

    def visit_Match(self, node: ast.Match) -> ast.AST:
        node.subject = self._expression(node.subject)
        for case in node.cases:
            case.body = [found for each in case.body for found in self._statements(each)]
        return node

    # Statements

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        if isinstance(node.value, ast.Constant):
            return node  # a docstring
        if not self.inside or not isinstance(node.value, ast.Call):
            return self.generic_visit(node)
        test = self._switch(node, ast.unparse(node), "pass")
        changed = self.generic_visit(node)
        assert isinstance(changed, ast.stmt)
        skipped = ast.If(ast.UnaryOp(ast.Not(), test), [changed], [])
        return ast.copy_location(skipped, node)

    def visit_If(self, node: ast.If) -> ast.AST:
        node.test = self._condition(node.test)
        node.body = [found for each in node.body for found in self._statements(each)]
        node.orelse = [found for each in node.orelse for found in self._statements(each)]
        return node

    # Expressions

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        node.test = self._condition(node.test)
        node.body, node.orelse = self._expression(node.body), self._expression(node.orelse)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        node.iter = self._expression(node.iter)
        node.ifs = [self._condition(each) for each in node.ifs]
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        return self._mutated(node, compared)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        return self._mutated(node, joined)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        return self._mutated(node, calculated)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        return self._mutated(node, without_operator)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        return self._mutated(node, called)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return self._mutated(node, valued)

    def _condition(self, node: ast.expr) -> ast.expr:
        """Return the condition, also negated where no other change of it does that."""
        if isinstance(node, ast.Compare | ast.BoolOp | ast.UnaryOp):
            return self._expression(node)
        return self._expression(self._chosen(node, [ast.UnaryOp(ast.Not(), copy.deepcopy(node))], self._expression))

    def _expression(self, node: ast.expr) -> ast.expr:
        if getattr(node, "is_switched", False):
            return node
        found = self.visit(node)
        assert isinstance(found, ast.expr)
        return found

    def _statements(self, node: ast.stmt) -> list[ast.stmt]:
        found = self.visit(node)
        return found if isinstance(found, list) else [found]

    def _mutated(self, node: ast.expr, operator: Callable[[ast.expr], Iterator[ast.expr]]) -> ast.expr:
        def deeper(each: ast.expr) -> ast.expr:
            found = self.generic_visit(each)
            assert isinstance(found, ast.expr)
            return found

        return self._chosen(node, list(operator(node)), deeper)

    def _chosen(self, node: ast.expr, variants: list[ast.expr], deeper: Callable[[ast.expr], ast.expr]) -> ast.expr:
        """Return the expression with a switch for each variant. ``deeper`` puts switches into its parts."""
        if not self.inside or not variants:
            return deeper(node)
        tests = [self._switch(node, ast.unparse(node), ast.unparse(each)) for each in variants]
        found = deeper(node)
        for test, variant in zip(tests, variants, strict=True):
            found = ast.copy_location(ast.IfExp(test, variant, found), node)
        found.is_switched = True  # type: ignore[attr-defined]
        return found

    def _switch(self, node: ast.AST, before: str, after: str) -> ast.expr:
        number = len(self.mutants) + 1
        name = ".".join(self.functions)
        self.mutants.append(Mutant(number, getattr(node, "lineno", 0), name, _short(before), _short(after)))
        return ast.Call(ast.Name(SWITCH, ast.Load()), [ast.Constant(number)], [])


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 120 else line[:117] + "…"


def compared(node: ast.expr) -> Iterator[ast.expr]:
    assert isinstance(node, ast.Compare)
    for place, operator in enumerate(node.ops):
        for other in COMPARISONS[type(operator)]:
            changed = copy.deepcopy(node)
            changed.ops[place] = other()
            yield changed


def joined(node: ast.expr) -> Iterator[ast.expr]:
    changed = copy.deepcopy(node)
    assert isinstance(changed, ast.BoolOp)
    changed.op = ast.Or() if isinstance(changed.op, ast.And) else ast.And()
    yield changed


def calculated(node: ast.expr) -> Iterator[ast.expr]:
    changed = copy.deepcopy(node)
    assert isinstance(changed, ast.BinOp)
    if isinstance(changed.left, ast.JoinedStr) or isinstance(changed.right, ast.JoinedStr):
        return
    if other := ARITHMETIC.get(type(changed.op)):
        changed.op = other()
        yield changed


def without_operator(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the operand of ``not`` and ``~``; a minus sign is changed as part of its number."""
    assert isinstance(node, ast.UnaryOp)
    if isinstance(node.op, ast.Not | ast.Invert | ast.USub):
        yield copy.deepcopy(node.operand)


def called(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the call of the opposite function, and each lookup of a query with the edge on the other side."""
    assert isinstance(node, ast.Call)
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in CALLS:
        changed = copy.deepcopy(node)
        if isinstance(changed.func, ast.Attribute):
            changed.func.attr = CALLS[name]
            yield changed
        elif isinstance(changed.func, ast.Name) and name not in ("filter", "exclude"):
            changed.func.id = CALLS[name]
            yield changed
    for place, keyword in enumerate(node.keywords):
        lookup = "__" + (keyword.arg or "").rpartition("__")[2]
        if keyword.arg and lookup in LOOKUPS:
            changed = copy.deepcopy(node)
            changed.keywords[place].arg = keyword.arg.removesuffix(lookup) + LOOKUPS[lookup]
            yield changed


def valued(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the next number, or the other truth value. Texts are left: they are sentences, checked where they are shown."""
    assert isinstance(node, ast.Constant)
    if isinstance(node.value, bool):
        yield ast.copy_location(ast.Constant(not node.value), node)
    elif isinstance(node.value, int):
        yield ast.copy_location(ast.Constant(node.value + 1), node)


def instrument(source: str) -> tuple[ast.Module, list[Mutant]]:
    """Return the module with a switch for each change, and the changes."""
    transformer = Instrumentation()
    module = transformer.visit(ast.parse(source))
    return ast.fix_missing_locations(module), transformer.mutants

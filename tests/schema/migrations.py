"""Changes of a schema, made by chance from a number: the declarations before and after, rows, and what becomes of
each row. No code of Gatewright tells what that is."""
import random

OLD = {"people": {"id": "int key auto", "name": "text max 40", "mail": "text max 60 unique", "score": "int",
                  "note": "text max 200 optional", "old": "text max 20"},
       "kids": {"id": "int key auto", "parent_id": "int references people", "label": "text max 30", "rank": "int",
                "city": "text max 50 optional"}}
PEOPLE, KIDS = 60, 150


def rows_of(chance):
    word = lambda n: "".join(chance.choice("abc d'\"`é;ß") for _ in range(n - 2)).join("xz")
    people = [{"id": i, "name": word(chance.randint(2, 40)), "mail": f"m{i}@example.com", "score": chance.randint(0, 10**12),
               "note": chance.choice([None, word(chance.randint(2, 200))]), "old": word(5)} for i in range(1, PEOPLE + 1)]
    kids = [{"id": i, "parent_id": chance.randint(1, PEOPLE), "label": f"{i} {word(20)}", "rank": i,
             "city": chance.choice([None, word(30)])} for i in range(1, KIDS + 1)]
    return {"people": people, "kids": kids}


class Migration:
    """`old`, `new`: {table: {column: what is declared}}; `sets`, `more`: lines of the new declaration besides."""

    def __init__(self, number):
        self.chance = random.Random(number)
        self.old = OLD
        self.new = {table: dict(columns) for table, columns in OLD.items()}
        self.rows = rows_of(self.chance)
        self.names, self.cuts, self.fills, self.losses = {}, {}, {}, []
        self.sets, self.more = {"people": "", "kids": ""}, ""
        steps = [self.rename, self.widen, self.cut, self.drop, self.add_default, self.add_optional, self.make_optional,
                 self.add_index, self.add_unique, self.add_table, self.cascade, self.change_key]
        for step in self.chance.sample(steps, 6):
            step()

    # ---- Steps ----

    def rename(self):
        column = self.new["people"].pop("name")
        self.new["people"]["full_name"] = column + " was name"
        self.names["people", "name"] = "full_name"

    def widen(self):
        self.new["people"]["mail"] = "text max 255 unique"

    def cut(self):
        self.new["kids"]["city"] = "text max 12 optional"
        self.cuts["kids", "city"] = 12
        self.losses.append("kids.city")

    def drop(self):
        del self.new["people"]["old"]
        self.names["people", "old"] = None
        self.losses.append("people.old")

    def add_default(self):
        self.new["kids"]["state"] = 'text max 9 default "fresh"'
        self.fills["kids", "state"] = "fresh"

    def add_optional(self):
        self.new["people"]["born"] = "date optional"
        self.fills["people", "born"] = None

    def make_optional(self):
        self.new["people"]["score"] = self.new["people"]["score"] + " optional"

    def add_index(self):
        self.sets["kids"] += "; index (rank, label)"

    def add_unique(self):
        self.sets["kids"] += "; unique (parent_id, rank)"

    def add_table(self):
        self.more += "table tags { id int key auto; kid_id int references kids; name text max 20; unique (kid_id, name) }\n"

    def cascade(self):
        self.new["kids"]["parent_id"] += " on delete cascade"

    def change_key(self):
        """The key, and what references it."""
        for table, column in (("people", "id"), ("kids", "parent_id")):
            self.new[table][column] = self.new[table][column].replace("int", "uint", 1)

    # ---- What they come to ----

    def declaration(self, tables, after):
        text = ""
        for table, columns in tables.items():
            text += f"{'entity' if table == 'people' else 'table'} {table} {{ "
            text += "; ".join(f"{name} {what}" for name, what in columns.items())
            text += (self.sets[table] if after else "") + " }\n"
        return text + (self.more if after else "") + "GET / ignored home\n"

    def before_text(self):
        return self.declaration(self.old, False)

    def after_text(self):
        return self.declaration(self.new, True)

    def value(self, table, column, value):
        cut = self.cuts.get((table, column))
        return value[:cut] if cut and value is not None else value

    def after(self):
        """{table: rows}"""
        result = {}
        for table, rows in self.rows.items():
            result[table] = [{self.names.get((table, name), name): self.value(table, name, value)
                              for name, value in row.items() if self.names.get((table, name), name)} |
                             {name: value for (one, name), value in self.fills.items() if one == table} for row in rows]
        return result

    def allows(self, table, n, row):
        """Whether a live row, with some steps done and others not, is the nth one."""
        old, new = self.rows[table][n], self.after()[table][n]
        values = {name: {old.get(name), new.get(name)} if name in old and name in new else
                  {old[name] if name in old else new[name]} for name in {*old, *new}}
        kept = all(name in row or self.names.get((table, name)) in row or (table, name) in self.names and
                   self.names[table, name] is None for name in old)
        return kept and all(name in values and value in values[name] for name, value in row.items())

    def inserts(self):
        quote = lambda v: "NULL" if v is None else str(v) if isinstance(v, int) else "'" + v.replace("'", "''") + "'"
        return "".join(f"INSERT INTO {table} ({', '.join(rows[0])}) VALUES " +
                       ", ".join("(" + ", ".join(quote(v) for v in row.values()) + ")" for row in rows) + ";\n"
                       for table, rows in self.rows.items())

package tpch

import (
	"fmt"
	"strings"

	"weir/stream/value"
)

// Tables in the order in which their rows refer to each other.
var Tables = []string{
	"region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem",
}

// Row is a row of a table.
type Row []value.Datum

// Generator makes the data. The zero value of a size is a default.
type Generator struct {
	Suppliers, Customers, Parts int // 10, 30, 40
	rng                         uint64
	orders                      int
}

// New returns a generator with small tables.
func New(seed uint64) *Generator {
	return &Generator{Suppliers: 10, Customers: 30, Parts: 40, rng: seed}
}

// below draws from 0 to n-1: splitmix64.
func (g *Generator) below(n int) int {
	g.rng += 0x9E3779B97F4A7C15
	z := (g.rng ^ g.rng>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return int((z ^ z>>31) % uint64(n))
}

func (g *Generator) of(list ...string) string { return list[g.below(len(list))] }

func integer(v int) value.Datum { return value.NewInt4(int32(v)) }

func text(format string, args ...any) value.Datum {
	return value.NewText(fmt.Sprintf(format, args...))
}

// cents is a numeric(15,2).
func cents(v int) value.Datum {
	return value.NewDecimal(value.Decimal{Coef: value.Int128FromInt64(int64(v)), Scale: 2})
}

// Days since 1970-01-01 of the first and last order of the specification.
const (
	firstDay = 8035  // 1992-01-01
	lastDay  = 10440 // 1998-08-02
	today    = 9298  // 1995-06-17
)

var (
	regions = []string{"AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"}
	nations = []struct {
		name   string
		region int
	}{
		{"BRAZIL", 1},
		{"CANADA", 1},
		{"CHINA", 2},
		{"INDIA", 2},
		{"FRANCE", 3},
		{"GERMANY", 3},
		{"SAUDI ARABIA", 4},
		{"KENYA", 0},
	}
)

// Base returns the rows of the six tables that orders refer to, by table.
func (g *Generator) Base() map[string][]Row {
	out := map[string][]Row{}
	for i, n := range regions {
		out["region"] = append(out["region"], Row{integer(i), text("%s", n), g.comment()})
	}
	for i, n := range nations {
		out["nation"] = append(out["nation"],
			Row{integer(i), text("%s", n.name), integer(n.region), g.comment()})
	}
	for i := 1; i <= g.Suppliers; i++ {
		n := g.below(len(nations))
		out["supplier"] = append(out["supplier"], Row{
			integer(i), text("Supplier#%09d", i), text("street %d", g.below(900)), integer(n),
			g.phone(), cents(g.below(1_100_000) - 100_000), g.comment(),
		})
	}
	for i := 1; i <= g.Customers; i++ {
		out["customer"] = append(out["customer"], g.Customer(i))
	}
	for i := 1; i <= g.Parts; i++ {
		out["part"] = append(out["part"], g.part(i))
		for s := range 3 {
			out["partsupp"] = append(out["partsupp"], Row{
				integer(i), integer(1 + (i+s*3)%g.Suppliers), integer(1 + g.below(999)),
				cents(100 + g.below(99_900)), g.comment(),
			})
		}
	}
	return out
}

// Customer makes a customer; called again for a number, it makes another state of it.
func (g *Generator) Customer(i int) Row {
	return Row{
		integer(i), text("Customer#%09d", i), text("road %d", g.below(900)),
		integer(g.below(len(nations))), g.phone(), cents(g.below(1_100_000) - 100_000),
		text("%s", g.of("BUILDING", "AUTOMOBILE", "MACHINERY")), g.comment(),
	}
}

func (g *Generator) phone() value.Datum {
	return text("%s-%03d-%03d-%04d", g.of("13", "31", "23", "29", "11", "25"), g.below(1000),
		g.below(1000), g.below(10_000))
}

func (g *Generator) comment() value.Datum {
	words := []string{
		"special", "requests", "Customer", "Complaints", "quickly", "ideas", "above", "deposits",
	}
	n := 2 + g.below(4)
	list := make([]string, n)
	for i := range list {
		list[i] = words[g.below(len(words))]
	}
	if g.below(12) == 0 {
		return value.NullDatum
	}
	return text("%s", strings.Join(list, " "))
}

func (g *Generator) part(i int) Row {
	return Row{
		integer(i), text("%s %s", g.of("forest", "green", "almond"), g.of("green", "blue", "rose")),
		text("Manufacturer#%d", 1+g.below(3)), text("Brand#%s", g.of("12", "23", "34", "45")),
		text("%s", g.of("ECONOMY ANODIZED STEEL", "PROMO BURNISHED BRASS", "LARGE PLATED BRASS",
			"MEDIUM POLISHED COPPER")),
		integer([]int{1, 3, 5, 9, 14, 15, 15}[g.below(7)]),
		text("%s", g.of("SM CASE", "SM BOX", "MED BAG", "MED BOX", "LG CASE", "LG PKG")),
		cents(90_000 + i*100), g.comment(),
	}
}

// Order makes the next order and its line items.
func (g *Generator) Order() (order Row, items []Row) {
	g.orders++
	return g.order(g.orders)
}

// Again makes another state of an order that exists, with other items.
func (g *Generator) Again(number int) (order Row, items []Row) { return g.order(number) }

func (g *Generator) order(number int) (order Row, items []Row) {
	day := firstDay + g.below(lastDay-firstDay-150)
	total, open := 0, 0
	for line := 1; line <= 1+g.below(7); line++ {
		quantity := 1 + g.below(50)
		price := quantity * (90_000 + g.below(20_000)) / 10
		ship := day + 1 + g.below(121)
		receipt := ship + 1 + g.below(30)
		flag, status := "N", "O"
		if receipt <= today {
			flag = g.of("R", "A")
		}
		if ship <= today {
			status = "F"
		} else {
			open++
		}
		part := 1 + g.below(g.Parts)
		items = append(items, Row{
			integer(number), integer(part), integer(1 + (part+g.below(3)*3)%g.Suppliers),
			integer(line), cents(quantity * 100), cents(price), cents(g.below(11)),
			cents(g.below(9)), text("%s", flag), text("%s", status), value.NewDate(int64(ship)),
			value.NewDate(int64(day + 30 + g.below(61))), value.NewDate(int64(receipt)),
			text("%s", g.of("DELIVER IN PERSON", "COLLECT COD", "NONE")),
			text("%s", g.of("AIR", "REG AIR", "MAIL", "SHIP", "TRUCK")), g.comment(),
		})
		total += price
	}
	status := "F"
	if open == len(items) {
		status = "O"
	} else if open > 0 {
		status = "P"
	}
	customer := 1 + g.below(g.Customers*2/3) // a third never orders
	return Row{
		integer(number), integer(customer), text("%s", status), cents(total),
		value.NewDate(int64(day)), text("%s", g.of("1-URGENT", "2-HIGH", "3-MEDIUM", "5-LOW")),
		text("Clerk#%09d", g.below(1000)), integer(0), g.comment(),
	}, items
}

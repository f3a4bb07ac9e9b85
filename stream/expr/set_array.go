package expr

import "weir/stream/value"

// oneColumn says that a function gives one column of a type.
func oneColumn(name string, t value.Type) func([]value.Type) []SetColumn {
	return func([]value.Type) []SetColumn { return []SetColumn{{name, t}} }
}

// emitAll emits each value as a row.
func emitAll(ds []value.Datum, emit func([]value.Datum)) *value.Error {
	for _, d := range ds {
		emit([]value.Datum{d})
	}
	return nil
}

// arraySetFunctions are unnest and string_to_table.
func arraySetFunctions() []*setFunction {
	t := value.Text
	split := func(a []value.Datum, emit func([]value.Datum)) *value.Error {
		if a[0].IsNull() {
			return nil
		}
		elems, err := splitText(a)
		if err != nil {
			return err
		}
		return emitAll(elems, emit)
	}
	column := oneColumn("string_to_table", value.Of(t))
	fs := []*setFunction{
		{name: "string_to_table", args: []shape{t, t}, nullable: true, columns: column, rows: split},
		{name: "string_to_table", args: []shape{t, t, t}, nullable: true, columns: column, rows: split},
	}
	for _, k := range scalarKinds() {
		fs = append(fs, &setFunction{
			name: "unnest", args: []shape{arrayOf(k)},
			columns: func(args []value.Type) []SetColumn {
				return []SetColumn{{"unnest", args[0].ElemType()}}
			},
			rows: func(a []value.Datum, emit func([]value.Datum)) *value.Error {
				return emitAll(value.ArrayElems(a[0]), emit)
			},
		}, subscripts(k))
	}
	return fs
}

// subscripts is generate_subscripts(array, dimension).
func subscripts(k shape) *setFunction {
	return &setFunction{
		name: "generate_subscripts", args: []shape{arrayOf(k), value.Int4},
		columns: oneColumn("generate_subscripts", value.Of(value.Int4)),
		rows: func(a []value.Datum, emit func([]value.Datum)) *value.Error {
			if a[1].I != 1 {
				return nil
			}
			for i := range value.ArrayLen(a[0]) {
				emit([]value.Datum{value.NewInt4(int32(i + 1))})
			}
			return nil
		},
	}
}

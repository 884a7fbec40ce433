package main

import (
	"bytes"
	"encoding/json"
)

// Variables as plain JSON, with numbers as the API server has them: whole ones as int64, others as float64.
func plain(raw json.RawMessage) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var fields map[string]any
	if err := decoder.Decode(&fields); err != nil {
		return nil, err
	}
	for name, value := range fields {
		fields[name] = numbered(value)
	}
	return fields, nil
}

func numbered(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, field := range value {
			value[name] = numbered(field)
		}
	case []any:
		for index, element := range value {
			value[index] = numbered(element)
		}
	case json.Number:
		if whole, err := value.Int64(); err == nil {
			return whole
		}
		number, _ := value.Float64()
		return number
	}
	return value
}

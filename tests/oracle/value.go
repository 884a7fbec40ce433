package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/ext"
)

const (
	timestampURL = "type.googleapis.com/google.protobuf.Timestamp"
	durationURL  = "type.googleapis.com/google.protobuf.Duration"
)

type object = map[string]any

// The form of cel.expr.Value in JSON; optional values and addresses, which it does not have, in the same manner.
func encode(value ref.Val) (any, error) {
	switch value := value.(type) {
	case types.Null:
		return object{"null_value": nil}, nil
	case types.Bool:
		return object{"bool_value": bool(value)}, nil
	case types.Int:
		return object{"int64_value": strconv.FormatInt(int64(value), 10)}, nil
	case types.Uint:
		return object{"uint64_value": strconv.FormatUint(uint64(value), 10)}, nil
	case types.Double:
		return object{"double_value": encodeDouble(float64(value))}, nil
	case types.String:
		return object{"string_value": string(value)}, nil
	case types.Bytes:
		return object{"bytes_value": base64.StdEncoding.EncodeToString(value)}, nil
	case types.Timestamp:
		return message(timestampURL, value.UTC().Format(time.RFC3339Nano)), nil
	case types.Duration:
		return message(durationURL, encodeDuration(value.Duration)), nil
	case *types.Optional:
		return encodeOptional(value)
	case ref.Type:
		return object{"type_value": value.TypeName()}, nil
	case ext.IP:
		return message("net.IP", value.Addr.String()), nil
	case ext.CIDR:
		return message("net.CIDR", value.Prefix.String()), nil
	case traits.Lister:
		return encodeList(value)
	case traits.Mapper:
		return encodeMap(value)
	}
	return nil, fmt.Errorf("a value of %s has no form", value.Type().TypeName())
}

func message(url string, value any) object {
	return object{"object_value": object{"@type": url, "value": value}}
}

func encodeDouble(value float64) any {
	switch {
	case math.IsNaN(value):
		return "NaN"
	case math.IsInf(value, 1):
		return "Infinity"
	case math.IsInf(value, -1):
		return "-Infinity"
	}
	return value
}

// Seconds with as many digits of nanoseconds as there are.
func encodeDuration(value time.Duration) string {
	sign, nanoseconds := "", uint64(value)
	if value < 0 {
		sign, nanoseconds = "-", -uint64(value)
	}
	return fmt.Sprintf("%s%d.%09ds", sign, nanoseconds/1e9, nanoseconds%1e9)
}

func encodeOptional(value *types.Optional) (any, error) {
	if !value.HasValue() {
		return object{"optional_value": object{}}, nil
	}
	held, err := encode(value.GetValue())
	return object{"optional_value": object{"value": held}}, err
}

func encodeList(list traits.Lister) (any, error) {
	values := []any{}
	for elements := list.Iterator(); elements.HasNext() == types.True; {
		value, err := encode(elements.Next())
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	return object{"list_value": object{"values": values}}, nil
}

func encodeMap(entries traits.Mapper) (any, error) {
	encoded := []any{}
	for keys := entries.Iterator(); keys.HasNext() == types.True; {
		key := keys.Next()
		encodedKey, err := encode(key)
		if err != nil {
			return nil, err
		}
		value, err := encode(entries.Get(key))
		if err != nil {
			return nil, err
		}
		encoded = append(encoded, object{"key": encodedKey, "value": value})
	}
	return object{"map_value": object{"entries": encoded}}, nil
}

func decode(raw json.RawMessage) (ref.Val, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, err
	}
	for kind, content := range fields {
		return decodeKind(kind, content)
	}
	return nil, fmt.Errorf("no value: %s", raw)
}

func decodeKind(kind string, content json.RawMessage) (ref.Val, error) {
	var text string
	if len(content) > 0 && content[0] == '"' {
		if err := json.Unmarshal(content, &text); err != nil {
			return nil, err
		}
	}
	switch kind {
	case "null_value":
		return types.NullValue, nil
	case "bool_value":
		return types.Bool(string(content) == "true"), nil
	case "int64_value":
		value, err := strconv.ParseInt(text, 10, 64)
		return types.Int(value), err
	case "uint64_value":
		value, err := strconv.ParseUint(text, 10, 64)
		return types.Uint(value), err
	case "double_value":
		value, err := strconv.ParseFloat(strings.Trim(string(content), `"`), 64)
		return types.Double(value), err
	case "string_value":
		return types.String(text), nil
	case "bytes_value":
		value, err := base64.StdEncoding.DecodeString(text)
		return types.Bytes(value), err
	case "list_value":
		return decodeList(content)
	case "map_value":
		return decodeMap(content)
	case "object_value":
		return decodeMessage(content)
	}
	return nil, fmt.Errorf("no value: a %s", kind)
}

func decodeList(content json.RawMessage) (ref.Val, error) {
	var list struct{ Values []json.RawMessage }
	if err := json.Unmarshal(content, &list); err != nil {
		return nil, err
	}
	values := make([]ref.Val, 0, len(list.Values))
	for _, raw := range list.Values {
		value, err := decode(raw)
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	return types.NewRefValList(types.DefaultTypeAdapter, values), nil
}

func decodeMap(content json.RawMessage) (ref.Val, error) {
	var entries struct {
		Entries []struct{ Key, Value json.RawMessage }
	}
	if err := json.Unmarshal(content, &entries); err != nil {
		return nil, err
	}
	decoded := make(map[ref.Val]ref.Val, len(entries.Entries))
	for _, entry := range entries.Entries {
		key, err := decode(entry.Key)
		if err != nil {
			return nil, err
		}
		if decoded[key], err = decode(entry.Value); err != nil {
			return nil, err
		}
	}
	return types.NewRefValMap(types.DefaultTypeAdapter, decoded), nil
}

func decodeMessage(content json.RawMessage) (ref.Val, error) {
	var any struct {
		URL   string `json:"@type"`
		Value string
	}
	if err := json.Unmarshal(content, &any); err != nil {
		return nil, err
	}
	switch any.URL {
	case timestampURL:
		value, err := time.Parse(time.RFC3339Nano, any.Value)
		return types.Timestamp{Time: value}, err
	case durationURL:
		value, err := time.ParseDuration(any.Value)
		return types.Duration{Duration: value}, err
	}
	return nil, fmt.Errorf("no value: a message %s", any.URL)
}

// Package proto stands for the real one, of which the specimens need two names.
package proto

type Message any

type MarshalOptions struct{ Deterministic bool }

func (MarshalOptions) Marshal(Message) ([]byte, error) { return nil, nil }

func Marshal(Message) ([]byte, error) { return nil, nil }

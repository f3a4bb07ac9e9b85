// Package config has the node's configuration files.
package config

// Package config has weir.toml: what one node does that is not agreed by all.
//
// It is read strictly: an unknown setting is an error that names it, and every setting has a
// default. Nothing in it may change agreed state; parameters that all nodes share stand in the
// genesis file. CometBFT's own settings stand in config.toml beside it, written by the profile.
package config

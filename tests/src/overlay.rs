//! An overlay root as a snapshotter mounts it.

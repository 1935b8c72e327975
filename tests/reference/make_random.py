#!/usr/bin/python3
"""Prints the states that tests/unit/test_random.c expects: splitmix64 seeding, then 2^128 steps of xoshiro256++ a stream.

The jump is not taken from the published polynomial that the runtime uses: one step is a 256 x 256 matrix over GF(2),
and that is squared 128 times.
"""
MASK = (1 << 64) - 1


def seed_state(seed):
    state = []
    for _ in range(4):
        seed = (seed + 0x9E3779B97F4A7C15) & MASK
        z = seed
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        state.append(z ^ (z >> 31))
    return state


def step(vector):
    s = [(vector >> (64 * i)) & MASK for i in range(4)]
    t = (s[1] << 17) & MASK
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= t
    s[3] = ((s[3] << 45) | (s[3] >> 19)) & MASK
    return sum(v << (64 * i) for i, v in enumerate(s))


def apply(columns, vector):
    out, i = 0, 0
    while vector:
        if vector & 1:
            out ^= columns[i]
        vector >>= 1
        i += 1
    return out


if __name__ == "__main__":
    jump = [step(1 << i) for i in range(256)]
    for _ in range(128):
        jump = [apply(jump, column) for column in jump]
    for seed in (0, 1234567):
        vector = sum(v << (64 * i) for i, v in enumerate(seed_state(seed)))
        for stream in range(3):
            print(seed, stream, ", ".join("0x%016x" % ((vector >> (64 * i)) & MASK) for i in range(4)))
            vector = apply(jump, vector)

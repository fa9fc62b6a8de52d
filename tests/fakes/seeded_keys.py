"""RSA keys derived from a name, so that every run of a test or a fuzz signs with the same ones. For tests only."""

from random import Random

from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPrivateNumbers,
    RSAPublicNumbers,
    rsa_crt_dmp1,
    rsa_crt_dmq1,
    rsa_crt_iqmp,
)

_EXPONENT = 65537
_PRIME_BITS = 1024
_SMALL = [
    number for number in range(3, 2000, 2) if all(number % factor for factor in range(3, int(number**0.5) + 1, 2))
]


def seeded_key(name: str) -> RSAPrivateKey:
    """The key of 2048 bits that this name makes."""
    random = Random(name)
    p, q = _prime(random), _prime(random)
    d = pow(_EXPONENT, -1, (p - 1) * (q - 1))
    public = RSAPublicNumbers(_EXPONENT, p * q)
    numbers = RSAPrivateNumbers(p, q, d, rsa_crt_dmp1(d, p), rsa_crt_dmq1(d, q), rsa_crt_iqmp(p, q), public)
    return numbers.private_key()


def _prime(random: Random) -> int:
    # The two highest bits: the product of two such primes has all its bits.
    while not _is_prime(number := random.getrandbits(_PRIME_BITS) | (3 << (_PRIME_BITS - 2)) | 1):
        continue
    return number


def _is_prime(number: int) -> bool:
    """Whether it almost certainly is; OpenSSL checks each key that is made of it once more."""
    if any(number % factor == 0 for factor in _SMALL) or number % _EXPONENT == 1:
        return False
    return all(pow(base, number - 1, number) == 1 for base in (2, 3, 5, 7))

package io.lockstep.digest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {
    /** FIPS 180-2, appendix B.1. */
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @Test
    void isSha256() {
        var digest = Digest.of("abc".getBytes(UTF_8));

        assertThat(digest).hasToString(ABC).isEqualTo(Digest.parse(ABC)).hasSameHashCodeAs(Digest.parse(ABC));
        assertThat(digest.abbreviated()).isEqualTo(ABC.substring(0, 12));
        assertThat(Digest.ofBytes(digest.bytes())).isEqualTo(digest);
    }

    @Test
    void aRunningComputationGivesTheSame() {
        var sha256 = Digest.newSha256();
        sha256.update("ab".getBytes(UTF_8));
        sha256.update((byte) 'c');

        assertThat(Digest.finish(sha256)).hasToString(ABC);
        Digest.parse(ABC).updateInto(sha256);
        assertThat(Digest.finish(sha256)).isEqualTo(Digest.of(Digest.parse(ABC).bytes()));
    }

    @Test
    void itsHalfBytesAreItsHexadecimalDigits() {
        var digest = Digest.parse(ABC);

        for (int i = 0; i < 64; i++) {
            assertThat(Character.forDigit(digest.nibbleAt(i), 16)).isEqualTo(ABC.charAt(i));
        }
        assertThat(digest.byteAt(0)).isEqualTo((byte) 0xba);
    }

    @Test
    void neverSharesItsBytes() {
        var raw = Digest.parse(ABC).bytes();
        var digest = Digest.ofBytes(raw);
        raw[0] = 0;
        digest.bytes()[0] = 0;

        assertThat(digest).hasToString(ABC);
    }

    @Test
    void ordersByUnsignedBytes() {
        assertThat(Digest.parse("80" + "0".repeat(62))).isGreaterThan(Digest.parse("7f" + "f".repeat(62)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ab", ABC + "00", "zz7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"})
    void refusesWhatIsNot64HexadecimalDigits(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Digest.parse(text));
    }

    @Test
    void refusesAnotherNumberOfBytes() {
        assertThatIllegalArgumentException().isThrownBy(() -> Digest.ofBytes(new byte[31]));
    }
}

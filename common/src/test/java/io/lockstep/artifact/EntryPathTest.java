package io.lockstep.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntryPathTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/etc/passwd",
                "a/",
                "a//b",
                "//",
                ".",
                "..",
                "../a",
                "a/..",
                "a/../b",
                "./a",
                "a/.",
                "a/./b",
                "a\0b",
                "\0",
                "a/\0"
            })
    void refusesWhatIsNoPathInsideATree(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> EntryPath.of(text));
        assertThatIllegalArgumentException().isThrownBy(() -> EntryPath.ofBytes(text.getBytes(UTF_8)));
        assertThatIllegalArgumentException().isThrownBy(() -> EntryPath.parse(text.replace("\0", "\\x00")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"..a", "a..", "...", ".a", "a./b", "a/..b", " ", "-rf", "~", "*", "a b", "C:"})
    void takesNamesThatOnlyLookSpecial(String text) {
        assertThat(EntryPath.of(text)).hasToString(text);
    }

    @Test
    void aComponentHasAtMost255Bytes() {
        assertThat(EntryPath.of("a".repeat(255)).length()).isEqualTo(255);
        assertThat(EntryPath.of("b/" + "a".repeat(255) + "/c").length()).isEqualTo(259);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> EntryPath.of("a".repeat(256)))
                .withMessageContaining("255 bytes");
        assertThatIllegalArgumentException().isThrownBy(() -> EntryPath.of("b/" + "a".repeat(256) + "/c"));
        // The limit counts bytes: 128 letters of two bytes each are too many.
        assertThatIllegalArgumentException().isThrownBy(() -> EntryPath.of("\u00e9".repeat(128)));
    }

    @Test
    void aPathHasAtMost4095Bytes() {
        var longest = "a/".repeat(2047) + "a";

        assertThat(EntryPath.of(longest).length()).isEqualTo(4095);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EntryPath.of(longest + "/a"))
                .withMessageContaining("4095 bytes");
    }

    @Test
    void aJoinCannotLeaveTheTreeEither() {
        var api = EntryPath.of("server/api");

        assertThat(api.child("x.xml".getBytes(UTF_8))).isEqualTo(EntryPath.of("server/api/x.xml"));
        assertThat(api.resolve(EntryPath.of("a/b"))).isEqualTo(EntryPath.of("server/api/a/b"));
        for (var name : List.of("", ".", "..", "../x", "x/../y", "/x", "x/", "\0")) {
            assertThatIllegalArgumentException().isThrownBy(() -> api.child(name.getBytes(UTF_8)));
        }
        var half = EntryPath.of("a/".repeat(1500) + "a");
        assertThatIllegalArgumentException().isThrownBy(() -> half.resolve(half));
    }

    @Test
    void neverSharesItsBytes() {
        var raw = new byte[] {'a', '/', 'b'};
        var path = EntryPath.ofBytes(raw);

        raw[0] = '/';
        path.bytes()[0] = '/';
        path.name()[0] = '/';

        assertThat(path).isEqualTo(EntryPath.of("a/b")).hasSameHashCodeAs(EntryPath.of("a/b"));
    }

    @Test
    void knowsItsParts() {
        var path = EntryPath.of("server/api/x.xml");

        assertThat(path.name()).isEqualTo("x.xml".getBytes(UTF_8));
        assertThat(path.parent()).contains(EntryPath.of("server/api"));
        assertThat(path.first()).isEqualTo(EntryPath.of("server"));
        assertThat(path.withoutFirst()).contains(EntryPath.of("api/x.xml"));
        assertThat(path.byteAt(6)).isEqualTo((byte) '/');
        var tree = EntryPath.of("server");
        assertThat(tree.parent()).isEmpty();
        assertThat(tree.first()).isEqualTo(tree);
        assertThat(tree.withoutFirst()).isEmpty();
        assertThat(tree.name()).isEqualTo("server".getBytes(UTF_8));
    }

    @Test
    void liesBelowWholeComponentsOnly() {
        var api = EntryPath.of("server/api");

        assertThat(EntryPath.of("server/api/x").isBelow(api)).isTrue();
        assertThat(EntryPath.of("server/api/x/y").isBelow(api)).isTrue();
        assertThat(api.isBelow(api)).isFalse();
        assertThat(EntryPath.of("server/api-2").isBelow(api)).isFalse();
        assertThat(EntryPath.of("server/apis/x").isBelow(api)).isFalse();
        assertThat(EntryPath.of("server").isBelow(api)).isFalse();
        assertThat(EntryPath.of("other/api/x").isBelow(api)).isFalse();
    }

    @Test
    void ordersByUnsignedBytesAndADirectoryBeforeItsContent() {
        var sorted = new ArrayList<>(List.of(
                EntryPath.ofBytes(new byte[] {(byte) 0xff}),
                EntryPath.of("a/b"),
                EntryPath.of("\u00e9"),
                EntryPath.of("a"),
                EntryPath.of("a-b"),
                EntryPath.of("A")));
        sorted.sort(null);

        assertThat(sorted).extracting(EntryPath::toString).containsExactly("A", "a", "a-b", "a/b", "\u00e9", "\\xff");
    }

    @Test
    void printsUtf8AsItIs() {
        assertThat(EntryPath.of("caf\u00e9/\u65e5\u672c/\ud83d\ude80.xml"))
                .hasToString("caf\u00e9/\u65e5\u672c/\ud83d\ude80.xml");
    }

    @Test
    void aNameCannotForgeALogLine() {
        var forged = EntryPath.of("x\n2026-01-01 INFO mode from=SHARED\r\u001b[2J\u0007\u0085");

        assertThat(forged).hasToString("x\\x0a2026-01-01 INFO mode from=SHARED\\x0d\\x1b[2J\\x07\\xc2\\x85");
    }

    @Test
    void aNameCannotReorderOrHideTextAroundIt() {
        // Right-to-left override, isolate, zero-width space, line separator, byte order mark, private use.
        for (var trick : List.of("\u202e", "\u2066", "\u200b", "\u2028", "\u2029", "\ufeff", "\ue000")) {
            var text = EntryPath.of("api/" + trick + "lmx.exe").toString();

            assertThat(text).doesNotContain(trick).startsWith("api/\\xe").endsWith("lmx.exe");
        }
    }

    @Test
    void printsBytesThatAreNotUtf8AsEscapes() {
        // A lone continuation byte, an overlong slash, a surrogate, a sequence cut short at the end.
        assertThat(EntryPath.ofBytes(new byte[] {'a', (byte) 0x80})).hasToString("a\\x80");
        assertThat(EntryPath.ofBytes(new byte[] {(byte) 0xc0, (byte) 0xaf})).hasToString("\\xc0\\xaf");
        assertThat(EntryPath.ofBytes(new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}))
                .hasToString("\\xed\\xa0\\x80");
        assertThat(EntryPath.ofBytes(new byte[] {'z', (byte) 0xe2, (byte) 0x82}))
                .hasToString("z\\xe2\\x82");
        assertThat(EntryPath.ofBytes(new byte[] {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80}))
                .hasToString("\\xf4\\x90\\x80\\x80");
        assertThat(EntryPath.of("a\\b")).hasToString("a\\\\b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\\", "a\\x", "a\\x4", "a\\n", "a\\xzz", "a\\X41", "\\x2", "a\\x\u0664\u0661"})
    void refusesABrokenEscape(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> EntryPath.parse(text));
    }

    @Test
    void anEscapeCannotSmuggleWhatAPathRefuses() {
        for (var text : List.of("\\x00", "\\x2fetc", "\\x2e\\x2e/a", "a/\\x2e\\x2e", "a\\x2f\\x2fb")) {
            assertThatIllegalArgumentException().isThrownBy(() -> EntryPath.parse(text));
        }
    }

    @Test
    void whatIsPrintedIsReadBackForAnyBytes() {
        var random = new Random(20_260_101);
        for (int round = 0; round < 20_000; round++) {
            var raw = new byte[1 + random.nextInt(40)];
            random.nextBytes(raw);
            if (round % 2 == 0) {
                raw = new String(raw, UTF_8).getBytes(UTF_8);
            }
            var bytes = Arrays.copyOf(raw, Math.min(raw.length, 255));
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = bytes[i] == 0 || bytes[i] == '/' ? (byte) '\\' : bytes[i];
            }
            if (Arrays.equals(bytes, new byte[] {'.'}) || Arrays.equals(bytes, new byte[] {'.', '.'})) {
                continue;
            }
            var path = EntryPath.ofBytes(bytes);
            var text = path.toString();

            assertThat(EntryPath.parse(text)).as("round %d: %s", round, text).isEqualTo(path);
            assertThat(text.codePoints().noneMatch(Character::isISOControl))
                    .as("round %d: %s", round, text)
                    .isTrue();
        }
    }

    @Test
    void theLongestPathIsHandledByEveryMethod() {
        var path = EntryPath.of("\u00e9/".repeat(1364) + "a");

        assertThat(EntryPath.parse(path.toString())).isEqualTo(path);
        assertThat(TreeFilter.gatewayDefault().verdictWithParents(path)).isEqualTo(TreeFilter.Verdict.KEEP);
    }
}

package io.lockstep.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NameGlobTest {
    @ParameterizedTest
    @CsvSource({
        "*.back, api.xml.back, true",
        "*.back, api.xml.backup, false",
        ".*, .svn, true",
        ".*, svn, false",
        "*~, a~, true",
        "*~, ~, true",
        "*.r[0-9]*, a.xml.r17, true",
        "*.r[0-9]*, a.xml.rx, false",
        "*.r[0-9]*, a.rr5, false",
        "[!a-c]x, dx, true",
        "[!a-c]x, bx, false",
        "a?c, abc, true",
        "a?c, ac, false",
        "**, anything, true",
        "*a*b, xaxaxb, true",
        "*a*b, xaxax, false",
        "[]x], ], true",
        "CVS, CVS, true",
        "CVS, CVSX, false",
    })
    void aNameMatchesAsAWhole(String glob, String name, boolean expected) {
        assertThat(matches(glob, name.getBytes(StandardCharsets.UTF_8))).isEqualTo(expected);
    }

    @Test
    void bytesThatAreNotUtf8AndNewlinesMatchAStar() {
        assertThat(matches("a*b", new byte[] {'a', (byte) 0xff, '\n', 'b'})).isTrue();
        assertThat(matches("a?b", new byte[] {'a', (byte) 0xff, 'b'})).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "[abc", "[z-a]"})
    void aPatternThatSaysNothingIsRefused(String glob) {
        assertThatThrownBy(() -> NameGlob.parse(glob)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void randomPatternsMatchAsTheSameRegularExpressionDoes() {
        var random = new Random(20_261_123);
        for (int i = 0; i < 20_000; i++) {
            var glob = letters(random, "ab*?", 1 + random.nextInt(6));
            var name = letters(random, "ab", 1 + random.nextInt(8));
            var expression = glob.replace("*", ".*").replace("?", ".");
            assertThat(matches(glob, name.getBytes(StandardCharsets.UTF_8)))
                    .as("%s against %s", glob, name)
                    .isEqualTo(Pattern.matches(expression, name));
        }
    }

    private static String letters(Random random, String alphabet, int length) {
        var text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }

    private static boolean matches(String glob, byte[] name) {
        return NameGlob.parse(glob).matches(name, 0, name.length);
    }
}

package io.lockstep.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShareLocationTest {
    private static final Path BASE = Path.of("/etc/lockstep");

    private static ShareLocation parse(String text) {
        return ShareLocation.parse(text, BASE);
    }

    private static List<Problem> problems(String share, String credentials) {
        return Sample.problems(Sample.MINIMAL.replace(
                "share: /mnt/wso2/server",
                "share: '" + share + "'" + (credentials.isEmpty() ? "" : "\n    credentials: " + credentials)));
    }

    @Test
    void whatStartsLikeAUriIsOneAndAllElseIsAPath() {
        assertThat(parse("/mnt/share")).isEqualTo(new ShareLocation.Mounted(Path.of("/mnt/share")));
        assertThat(parse("share/a:b")).isEqualTo(new ShareLocation.Mounted(Path.of("/etc/lockstep/share/a:b")));
        assertThat(parse("SFTP://u@h/d")).isEqualTo(new ShareLocation.Remote(URI.create("sftp://u@h/d")));
        assertThat(parse("file:///d/e")).isEqualTo(new ShareLocation.Remote(URI.create("file:///d/e")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sftp://u@h/d", "sftp://u@h:22/", "sftp://u@[::1]:22/d%20e", "file:///d/e"})
    void aCompleteUriHasNoFault(String text) {
        assertThat(parse(text).fault()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "sftp://u:secret@h/d, has a password in it",
        "sftp://h/d, 'lacks a user, a host or a valid port'",
        "sftp://u@h:99999/d, 'lacks a user, a host or a valid port'",
        "sftp://u@h, has no absolute path",
        "sftp://u@h/a/../b, has no absolute path",
        "sftp://u@h/a//b, has no absolute path",
        "sftp://u@h/a?b, has a ? or a #",
        "file://host/d, names a host",
        "webdav://h/d, 'is webdav, which is not supported'",
        "ftp://u@h/d, 'is ftp, which is not supported'",
        "ram:///d, 'is ram, which is not supported'",
        "gopher://h/d, 'is gopher, which is not supported'"
    })
    void everythingElseIsRefusedByName(String text, String fault) {
        assertThat(parse(text).fault())
                .hasValueSatisfying(
                        found -> assertThat(found.what()).startsWith(fault).doesNotContain("secret"));
        assertThat(parse(text).toString()).doesNotContain("secret");
    }

    @Test
    void aMalformedUriIsRefusedWithoutItsPassword() {
        assertThatThrownBy(() -> parse("sftp://u@h/a b")).hasMessageContaining("%20");
        assertThat(problems("sftp://u:secret@h/a b", ""))
                .singleElement()
                .satisfies(problem -> assertThat(problem.toString())
                        .contains("trees[0].share", "sftp://u:***@h/a b")
                        .doesNotContain("secret"));
    }

    @Test
    void aPasswordInTheUriIsRefusedWithARemedyAndNotShown() {
        assertThat(problems("sftp://u:secret@h/d", "/etc/share.yml"))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.key()).isEqualTo("trees[0].share");
                    assertThat(problem.toString()).contains("credentials").doesNotContain("secret");
                });
    }

    @Test
    void aLoginNeedsCredentialsAndNothingElseHasAny() {
        assertThat(problems("sftp://u@h/d", "/etc/share.yml")).isEmpty();
        assertThat(problems("file:///d", "")).isEmpty();
        assertThat(problems("sftp://u@h/d", "")).extracting(Problem::key).containsExactly("trees[0].credentials");
        assertThat(problems("/mnt/share", "/etc/share.yml"))
                .extracting(Problem::key)
                .containsExactly("trees[0].credentials");
    }

    @Test
    void allTreesOfANodeAreMountedOrNoneIs() {
        var mixed = Sample.MINIMAL + """
                - {name: tenants, share: 'file:///tenants', live: /opt/tenants, replica: /r/tenants}
                """.indent(2);

        assertThat(Sample.problems(mixed)).singleElement().satisfies(problem -> {
            assertThat(problem.key()).isEqualTo("trees[1].share");
            assertThat(problem.what()).isEqualTo("is on a server, and trees[0].share is mounted");
        });
    }

    @Test
    void credentialsLieInNoDirectoryThatOthersSee() {
        assertThat(problems("sftp://u@h/d", "/var/lib/lockstep/replica/server/share.yml"))
                .extracting(Problem::key)
                .containsExactly("trees[0].credentials");
        assertThat(problems("file:///var/lib/lockstep/replica", "")).isNotEmpty();
    }
}

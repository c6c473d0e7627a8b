package io.lockstep.artifact;

import static io.lockstep.artifact.TreeFilter.Verdict.KEEP;
import static io.lockstep.artifact.TreeFilter.Verdict.LEAVE_OUT;
import static io.lockstep.artifact.TreeFilter.Verdict.REPORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TreeFilterTest {
    @ParameterizedTest
    @CsvSource({
        "synapse-configs/default/api/admin--Pizza_v1.xml, KEEP",
        "executionplans/a.siddhiql, KEEP",
        "userstores/x.xml, KEEP",
        "1/synapse-configs/default/api/a.xml, KEEP",
        "synapse-configs/default/api/a.xml.back, REPORT",
        "synapse-configs/default/api/a.xml.1.back, REPORT",
        ".svn, LEAVE_OUT",
        "synapse-configs/.nfs0001, LEAVE_OUT",
        "synapse-configs/a.xml~, LEAVE_OUT",
        "synapse-configs/a.xml.mine, LEAVE_OUT",
        "synapse-configs/a.xml.r12, LEAVE_OUT",
        "synapse-configs/a.rules, KEEP",
        "a/CVS, LEAVE_OUT",
        "webapps, LEAVE_OUT",
        "webapps/x.war, LEAVE_OUT",
        "webapps/x.war.back, LEAVE_OUT",
        "artifactMetafiles/x, LEAVE_OUT",
        "mywebapps, KEEP"
    })
    void theDefaultKeepsWhatWso2SaysToKeepTheSame(String path, TreeFilter.Verdict expected) {
        assertThat(TreeFilter.gatewayDefault().verdictWithParents(EntryPath.of(path)))
                .isEqualTo(expected);
    }

    @Test
    void reportWinsOverExcludeAndExcludeOverInclude() {
        var filter = new TreeFilter(List.of("api"), List.of("*.back", "api"), List.of("*.back"));

        assertThat(filter.verdict(EntryPath.of("x.back"))).isEqualTo(REPORT);
        assertThat(filter.verdict(EntryPath.of("api"))).isEqualTo(LEAVE_OUT);
    }

    @Test
    void includeIsHeldAgainstTheFirstComponentOnly() {
        var filter = new TreeFilter(List.of("api*", "seq"), List.of(), List.of());

        assertThat(filter.verdict(EntryPath.of("apis"))).isEqualTo(KEEP);
        assertThat(filter.verdict(EntryPath.of("seq"))).isEqualTo(KEEP);
        assertThat(filter.verdict(EntryPath.of("other"))).isEqualTo(LEAVE_OUT);
        assertThat(filter.verdictWithParents(EntryPath.of("apis/other/x"))).isEqualTo(KEEP);
        assertThat(filter.verdictWithParents(EntryPath.of("other/apis"))).isEqualTo(LEAVE_OUT);
    }

    @Test
    void anEmptyIncludeTakesEverything() {
        assertThat(TreeFilter.keepAll().verdictWithParents(EntryPath.of(".x/y~/z.back")))
                .isEqualTo(KEEP);
    }

    @ParameterizedTest
    @CsvSource({
        "*.xml, a.xml, true",
        "*.xml, deep/er/a.xml, true",
        "*.xml, a.xml/b, false",
        "a?c, abc, true",
        "a?c, a/c, false",
        "api/*, api/x, true",
        "api/*, api/x/y, false",
        "api/*, deep/api/x, false",
        "api/**, api/x/y, true",
        "**/x, a/b/x, true",
        "a/**/x, a/b/c/x, true",
        "[a-c]x, bx, true",
        "[a-c]x, dx, false",
        "[!a-c]x, dx, true",
        "[!a-c]x, ax, false",
        "a/b[!x]c, a/b/c, false",
        "[]]x, ]x, true",
        "[&&]x, &x, true",
        "[\\]x, \\x, true",
        "a.b, aXb, false",
        "(a|b)+$^, (a|b)+$^, true",
        "(a|b)+$^, a, false",
        "\\Qa\\E, \\Qa\\E, true",
        "x, X, false"
    })
    void globsMeanWhatTheClassSays(String glob, String path, boolean matches) {
        var filter = new TreeFilter(List.of(), List.of(glob), List.of());

        assertThat(filter.verdict(EntryPath.of(path))).isEqualTo(matches ? LEAVE_OUT : KEEP);
    }

    @Test
    void globsMatchBytesSoThatNamesNeedNotBeUtf8() {
        var filter = new TreeFilter(List.of(), List.of("a?b", "caf\u00e9*"), List.of());

        assertThat(filter.verdict(EntryPath.ofBytes(new byte[] {'a', (byte) 0xff, 'b'})))
                .isEqualTo(LEAVE_OUT);
        assertThat(filter.verdict(EntryPath.of("a\nb"))).isEqualTo(LEAVE_OUT);
        assertThat(filter.verdict(EntryPath.of("caf\u00e9\n.xml"))).isEqualTo(LEAVE_OUT);
    }

    @Test
    void aVerdictOnADirectoryHoldsForEverythingBelow() {
        var filter = new TreeFilter(List.of(), List.of("out"), List.of("told"));

        assertThat(filter.verdictWithParents(EntryPath.of("a/out/b/c"))).isEqualTo(LEAVE_OUT);
        assertThat(filter.verdictWithParents(EntryPath.of("a/told/out"))).isEqualTo(REPORT);
        assertThat(filter.verdict(EntryPath.of("a/out/b"))).isEqualTo(KEEP);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/a", "a/", "a[b", "[]", "[z-a]"})
    void refusesAPatternThatMeansNothing(String glob) {
        assertThatIllegalArgumentException().isThrownBy(() -> new TreeFilter(List.of(), List.of(glob), List.of()));
    }

    @Test
    void refusesAnIncludePatternWithASlash() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TreeFilter(List.of("a/b"), List.of(), List.of()))
                .withMessageContaining("a/b");
    }

    @Test
    void showsItsPatterns() {
        var filter = TreeFilter.gatewayDefault();

        assertThat(filter.include()).isEmpty();
        assertThat(filter.exclude()).isEqualTo(TreeFilter.DEFAULT_EXCLUDE);
        assertThat(filter.report()).isEqualTo(TreeFilter.DEFAULT_REPORT);
    }
}

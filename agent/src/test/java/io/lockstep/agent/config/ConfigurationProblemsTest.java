package io.lockstep.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;

class ConfigurationProblemsTest {
    private static void assertProblem(String text, String key, String what, String remedy) {
        assertThat(Sample.problems(text))
                .extracting(Problem::key, Problem::what, Problem::remedy)
                .containsExactly(Tuple.tuple(key, what, remedy));
    }

    private static void assertProblemWith(String more, String key, String what, String remedy) {
        assertProblem(Sample.MINIMAL + more, key, what, remedy);
    }

    @Test
    void anUnknownKeyNamesTheNearestOne() {
        assertProblemWith(
                "scan: {intervall: 15s}\n",
                "scan.intervall",
                "is not a key that Lockstep knows",
                "Did you mean scan.interval?");
    }

    @Test
    void aKeyOfAnotherSectionIsNamedThere() {
        assertProblemWith(
                "scan: {lossTimeout: 15s}\n",
                "scan.lossTimeout",
                "is not a key that Lockstep knows",
                "Did you mean timing.lossTimeout?");
    }

    @Test
    void anUnknownSectionListsTheKnownOnes() {
        assertThat(Sample.problemsWith("database: {}\n"))
                .singleElement()
                .satisfies(problem -> assertThat(problem.remedy()).startsWith("Known here are: cluster, node, trees"));
    }

    @Test
    void anUnknownKeyOfATreeIsNamedWithItsIndex() {
        assertProblem(
                Sample.MINIMAL + "    excludes: []\n",
                "trees[0].excludes",
                "is not a key that Lockstep knows",
                "Did you mean trees[0].exclude?");
    }

    @Test
    void aMountIsGivenWholeOrNotAtAll() {
        assertThat(Sample.problems(Sample.MINIMAL + "    mount: {point: /mnt/wso2}\n"))
                .extracting(Problem::key, Problem::what, Problem::remedy)
                .containsExactly(
                        Tuple.tuple(
                                "trees[0].mount.source",
                                "is required and not set",
                                "Add it, for example: source: \"filer:/wso2\""),
                        Tuple.tuple(
                                "trees[0].mount.type", "is required and not set", "Add it, for example: type: nfs4"));
    }

    @Test
    void theShareLiesOnItsMount() {
        assertProblemWith(
                "    mount: {point: /mnt/wso2/server/x, type: nfs4, source: 'filer:/wso2'}\n",
                "trees[0].mount.point",
                "is /mnt/wso2/server/x, and trees[0].share (/mnt/wso2/server) does not lie below it",
                "Write the mountpoint of the share: findmnt -n -o TARGET -T /mnt/wso2/server");
        for (var point : new String[] {"/", "/mnt", "/mnt/wso2", "/mnt/wso2/server"}) {
            assertThat(Sample.problemsWith("    mount: {point: " + point + ", type: nfs4, source: 'filer:/wso2'}\n"))
                    .as(point)
                    .isEmpty();
        }
    }

    @Test
    void aTotalOutageIsServedOrDrained() {
        assertThat(Sample.problems(Sample.MINIMAL.replace("  members:", "  onTotalOutage: stop\n  members:")))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.key()).isEqualTo("cluster.onTotalOutage");
                    assertThat(problem.what()).contains("'stop'");
                });
    }

    @Test
    void aDurationNeedsAUnit() {
        assertProblemWith(
                "scan: {interval: 15}\n",
                "scan.interval",
                "is '15', not a whole number and a unit of ms, s, m, h or d, such as 30s",
                "Correct the value");
    }

    @Test
    void aDurationOutOfRangeIsRefusedWithTheBoundAndTheDefault() {
        assertProblemWith(
                "timing: {exchangeInterval: 2h}\n",
                "timing.exchangeInterval",
                "is 2h; the most is 1m",
                "Correct it, or remove the line for the default 1s");
    }

    @Test
    void numbersMustBeNumbersInRange() {
        assertThat(Sample.problemsWith(
                        "scan: {threads: many, maxShareOfTime: 20%}\nops: {port: 70000}\nguard: {deletions: 1.5}\n"))
                .extracting(Problem::key, Problem::what)
                .containsExactlyInAnyOrder(
                        Tuple.tuple("scan.threads", "is 'many', not a whole number"),
                        Tuple.tuple("scan.maxShareOfTime", "is '20%', not a number, such as 0.2"),
                        Tuple.tuple("guard.deletions", "is '1.5', not a whole number"),
                        Tuple.tuple("ops.port", "is '70000'; the most is 65535"));
    }

    @Test
    void requiredKeysAreAllNamedAtOnce() {
        assertThat(Sample.problems(""))
                .extracting(Problem::key)
                .containsExactly("cluster.id", "cluster.manager", "cluster.members", "node.name", "trees");
    }

    @Test
    void namesAreLabels() {
        assertThat(Sample.problems(Sample.MINIMAL.replace("id: prod", "id: Prod_1")))
                .singleElement()
                .extracting(Problem::what)
                .isEqualTo("is 'Prod_1'; a name has 1 to 63 lower-case letters, digits or hyphens,"
                        + " and no hyphen at an end");
    }

    @Test
    void sectionsListsAndValuesAreNotTakenForEachOther() {
        assertThat(Sample.problemsWith("scan: 5\nops: {port: [1]}\nlogging: {level: LOUD}\n"))
                .extracting(Problem::key)
                .containsExactlyInAnyOrder("scan", "ops.port", "logging.level");
        assertThat(Sample.problems("trees: {}\ncluster: {members: [gw1]}\nnode: x\n"))
                .extracting(Problem::key)
                .contains("trees", "cluster.members[0]", "node");
    }

    @Test
    void brokenYamlNamesTheLine() {
        assertThat(Sample.problems("cluster:\n  id: [a\nnode: {}\n"))
                .singleElement()
                .extracting(Problem::what)
                .asString()
                .startsWith("is not valid YAML at line 3");
    }

    @Test
    void aKeyGivenTwiceIsRefused() {
        assertThat(Sample.problemsWith("ops: {port: 1}\nops: {port: 2}\n"))
                .singleElement()
                .extracting(Problem::what)
                .asString()
                .contains("Duplicate field 'ops'");
    }

    @Test
    void environmentVariablesAreNotSubstituted() {
        assertThat(Sample.problems(Sample.MINIMAL.replace("id: prod", "id: ${PATH}")))
                .extracting(Problem::key)
                .containsExactly("cluster.id");
    }

    @Test
    void managerAndNodeMustBeMembers() {
        var text = Sample.MINIMAL.replace("manager: gw1", "manager: gw8").replace("{name: gw2}", "{name: gw9}");

        assertThat(Sample.problems(text))
                .extracting(Problem::key, Problem::what)
                .containsExactly(
                        Tuple.tuple("cluster.manager", "is 'gw8', which is not a member"),
                        Tuple.tuple("node.name", "is 'gw9', which is not a member"));
    }

    @Test
    void membersHaveNamesAndUrlsOfTheirOwn() {
        var text = Sample.MINIMAL.replace(
                "{name: gw2, control: \"https://10.0.0.2:9881\"}",
                "{name: gw1, control:"
                        + " \"https://10.0.0.1:9881\"}\n    - {name: gw2, control: \"http://10.0.0.2\"}");

        assertThat(Sample.problems(text))
                .extracting(Problem::key)
                .containsExactly("cluster.members[1].name", "cluster.members[1].control", "cluster.members[2].control");
    }

    @Test
    void portsMustDiffer() {
        assertThat(Sample.problemsWith("control: {port: 9880}\n"))
                .extracting(Problem::key)
                .containsExactly("control.port");
        assertThat(Sample.problemsWith("ops: {host: 127.0.0.1}\ncontrol: {host: 127.0.0.2, port: 9880}\n"))
                .isEmpty();
    }

    @Test
    void patternsMustBeWellFormed() {
        assertThat(Sample.problems(Sample.MINIMAL + "    exclude: [a, '[a']\n    include: [a/b]\n"))
                .extracting(Problem::key)
                .containsExactly("trees[0].include[0]", "trees[0].exclude[1]");
    }

    @Test
    void noTwoDirectoriesOverlap() {
        assertProblem(
                Sample.MINIMAL.replace("/var/lib/lockstep/replica/server", "/opt/wso2/server/replica")
                        + "    work: /w\n",
                "trees[0].replica",
                "/opt/wso2/server/replica lies inside trees[0].live (/opt/wso2/server)",
                "Give each a place of its own, none within another");
        var second = "  - {name: b, share: /mnt/wso2, live: /opt/wso2/server, replica: /b/r, work: /c}\n";
        assertThat(Sample.problemsWith(second))
                .extracting(Problem::key, Problem::what)
                .containsExactly(
                        Tuple.tuple("trees[1].share", "/mnt/wso2 contains trees[0].share (/mnt/wso2/server)"),
                        Tuple.tuple(
                                "trees[1].live",
                                "/opt/wso2/server is the same directory as trees[0].live (/opt/wso2/server)"));
    }

    @Test
    void keysAndStateStayOffTheShare() {
        assertThat(Sample.problemsWith("control: {tls: {key: /mnt/wso2/server/node.key}}\n"))
                .extracting(Problem::key)
                .containsExactly("control.tls.key");
        assertThat(Sample.problems(Sample.MINIMAL.replace("{name: gw2}", "{name: gw2, state: /mnt/wso2/server/s}")))
                .extracting(Problem::key)
                .containsExactly("trees[0].share");
    }

    @Test
    void durationsMustAgree() {
        assertProblemWith(
                "timing: {readyLag: 10s}\n",
                "timing.readyLag",
                "is 10s, shorter than scan.interval + timing.settleShare + timing.exchangeInterval (21s); a change is"
                        + " seen that late when all is well, and the node would go out of rotation for it",
                "Raise timing.readyLag to 21s or more, or lower the other");
        assertThat(Sample.problemsWith("timing: {settle: 1s, settleShare: 500ms}\n"))
                .extracting(Problem::key)
                .containsExactly("timing.settleShare");
        assertThat(Sample.problemsWith("timing: {returnAfter: 2s, shareDeadline: 20s, driftGrace: 0s}\n"))
                .extracting(Problem::key)
                .containsExactlyInAnyOrder("timing.returnAfter", "timing.lossTimeout", "timing.driftGrace");
    }
}

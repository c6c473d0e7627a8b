package io.lockstep.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.json.Json;
import io.lockstep.agent.tls.NodeIdentity;
import io.lockstep.agent.tls.TlsFiles;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.DriftSummary;
import io.lockstep.wire.DiffReport;
import io.lockstep.wire.RestoreReport;
import io.lockstep.wire.ShareRegistration;
import io.lockstep.wire.StatusReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands against real control ports: gw1 is the manager, and gw2 the node that is asked. */
class NodeCommandsIT {
    @TempDir
    private Path home;

    private FakeAgent gw1;
    private FakeAgent gw2;
    private Path file;

    @BeforeEach
    void start() throws IOException {
        setup("ours", "gw1", "gw2", "gw3");
        gw1 = new FakeAgent(identity("gw1"));
        gw2 = new FakeAgent(identity("gw2"));
        file = configuration("ours", "gw2");
    }

    @AfterEach
    void stop() {
        gw1.close();
        gw2.close();
    }

    private void setup(String directory, String... nodes) {
        var arguments = new ArrayList<>(List.of("setup", "--cluster", "prod", "--manager", "gw1"));
        arguments.addAll(List.of("--dir", home.resolve(directory).toString()));
        for (int i = 0; i < nodes.length; i++) {
            arguments.addAll(List.of("--node", nodes[i] + "=127.0.0.1:" + (9881 + i) + ":" + (9981 + i)));
        }
        assertThat(Run.lockstep(arguments.toArray(String[]::new)).exitCode()).isZero();
    }

    private NodeIdentity identity(String name) throws IOException {
        var tls = home.resolve("ours").resolve(name).resolve("tls");
        return NodeIdentity.load(
                new TlsFiles(tls.resolve("ca.pem"), tls.resolve("node.pem"), tls.resolve("node.key")),
                Clock.systemUTC());
    }

    /** A configuration of {@code node} with that directory's certificates; gw1 and gw2 are where they really listen. */
    private Path configuration(String directory, String node) throws IOException {
        return Files.writeString(
                home.resolve(directory).resolve(node).resolve("test.yml"), """
                cluster:
                  id: prod
                  manager: gw1
                  members:
                    - {name: gw1, control: "https://127.0.0.1:%d"}
                    - {name: gw2, control: "https://127.0.0.1:%d"}
                    - {name: gw3, control: "https://127.0.0.1:1"}
                node: {name: %s, state: /nonexistent/state}
                trees: [{name: server, share: /nonexistent/share, live: /nonexistent/live, replica: /nonexistent/r/r}]
                """.formatted(gw1.port(), gw2.port(), node));
    }

    private Run run(String... arguments) {
        var all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--config", file.toString()));
        return Run.lockstep(all.toArray(String[]::new));
    }

    @Test
    void statusShowsTheClusterAndItsJsonIsTheReport() throws IOException {
        var run = run("status");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).startsWith("Cluster prod: SHARED (SHARE_EQUAL), generation 3.42");

        gw2.status = Samples.bad();
        var bad = run("status", "-f", "json");
        assertThat(bad.exitCode()).isZero();
        var read = Json.mapper().readTree(bad.out());
        assertThat(Json.mapper().treeToValue(read, StatusReport.class)).isEqualTo(Samples.bad());
        assertThat(run("status", "-f", "yaml").out()).contains("generation: \"3.42\"");
        assertThat(run("status", "-f", "tsv").out()).hasLineCount(4);
        assertThat(gw1.asked).isEmpty();
    }

    @Test
    void anAgentThatIsDownIs69WithItsAddressAndTheRemedy() {
        gw2.close();
        for (var command : List.of("status", "verify", "diff", "history")) {
            var run = run(command);
            assertThat(run.exitCode()).as(command).isEqualTo(69);
            assertThat(run.err())
                    .contains("gw2 at https://127.0.0.1:", "no connection", "Start it: systemctl start lockstep")
                    .hasLineCount(1);
        }
        gw1.close();
        assertThat(run("holds").err())
                .contains("gw1 at https://127.0.0.1:", "Start it on gw1")
                .hasLineCount(1);
    }

    @Test
    void aForeignAuthorityIs69AndNamesTheFiles() throws IOException {
        setup("theirs", "gw1", "gw2");
        file = configuration("theirs", "gw2");

        var run = run("status");

        assertThat(run.exitCode()).isEqualTo(69);
        assertThat(run.err())
                .contains("TLS failed", "theirs/gw2/tls/node.pem", "theirs/gw2/tls/ca.pem")
                .hasLineCount(1);
        assertThat(gw2.asked).isEmpty();
    }

    @Test
    void aCertificateOfNoMemberIs77() throws IOException {
        file = configuration("ours", "gw3");
        // gw3 asks the manager, which does not know it.
        var run = run("holds");

        assertThat(run.exitCode()).isEqualTo(77);
        assertThat(run.err())
                .contains("gw1: the certificate's name gw3 is not a configured member")
                .hasLineCount(1);
    }

    @Test
    void aKeyThatIsNotThereIs78AndNamed() throws IOException {
        Files.delete(home.resolve("ours/gw2/tls/node.key"));

        var run = run("status");

        assertThat(run.exitCode()).isEqualTo(78);
        assertThat(run.err()).contains("ours/gw2/tls/node.key: does not exist").hasLineCount(1);
    }

    @Test
    void refusalsAreOneLineWithTheirRemedy() {
        gw2.refuses = true;
        for (var command : List.of("verify", "diff", "status", "history")) {
            var run = run(command);
            assertThat(run.exitCode()).as(command).isEqualTo(75);
            assertThat(run.err())
                    .isEqualTo("lockstep: gw2: there is no reference yet. Wait until the manager has committed one\n");
        }
    }

    @Test
    void verifyWaitsForTheVerdictAndExitsWithItsBits() {
        gw2.verifies.add(Samples.running());
        gw2.verifies.add(Samples.verify(Samples.equal()));
        var good = run("verify");
        assertThat(good.exitCode()).isZero();
        assertThat(good.out()).startsWith("= all 1,402 entries are as generation 3.42 says");

        gw2.verifies.add(Samples.verify(Samples.different()));
        var bad = run("verify", "-f", "tsv");
        assertThat(bad.exitCode()).isEqualTo(15);
        assertThat(bad.out()).startsWith("SIGN\tPATH\tDETAIL\n-\tserver/api/").hasLineCount(5);
    }

    @Test
    void aVerifyWithoutATrustworthyVerdictIs8() {
        var late = run("verify", "--timeout", "1ms");
        assertThat(late.exitCode()).isEqualTo(8);
        assertThat(late.out()).contains("gw2: no verdict", "not done within");

        // The run is not known any more.
        var lost = run("verify");
        assertThat(lost.exitCode()).isEqualTo(8);
        assertThat(lost.out()).contains("there is no verify run 1");

        gw2.verifies.add(Samples.verify(Samples.equal()));
        gw2.status = Samples.withoutGeneration();
        var outdated = run("verify");
        assertThat(outdated.exitCode()).isEqualTo(8);
        assertThat(outdated.out()).contains("a newer generation was committed meanwhile");

        assertThat(run("verify", "--timeout", "soon").exitCode()).isEqualTo(64);
    }

    @Test
    void verifyOfAllAsksEachAndCountsAnAbsentOneAsUnknown() throws IOException {
        gw1.verifies.add(Samples.verify(Samples.equal()));
        gw2.verifies.add(Samples.verify(Samples.diff(new DriftSummary(2, 0, 0, 0), Samples.OTHER, List.of())));

        var run = run("verify", "--all", "-f", "json");

        assertThat(run.exitCode()).isEqualTo(2 | 8);
        var verdicts = Json.mapper().readTree(run.out());
        assertThat(verdicts.findValuesAsText("exitBits")).containsExactly("0", "2", "8");
        assertThat(verdicts.path(2).path("doubt").asText()).contains("gw3 at https://127.0.0.1:1");
    }

    @Test
    void diffJudgesTheTreeThatIsAsked() {
        assertThat(run("diff").exitCode()).isZero();
        assertThat(run("diff", "--share").exitCode()).isZero();
        assertThat(run("diff", "--replica").exitCode()).isZero();
        assertThat(gw2.asked).containsExactly("diff served", "status", "diff share", "diff replica");
        assertThat(run("diff", "--share", "--replica").exitCode()).isEqualTo(64);

        gw2.diff = Samples.different();
        assertThat(run("diff").exitCode()).isEqualTo(8);
        gw2.diff = Samples.diff(
                new DriftSummary(1, 0, 0, 0),
                Samples.OTHER,
                List.of(new DiffReport.Line("-", Samples.HARD_NAMES.get(0), "the reference has it")));
        var different = run("diff");
        assertThat(different.exitCode()).isEqualTo(1);
        assertThat(different.out()).contains("\n- server/api/日本語.xml (the reference has it)\n");
    }

    @Test
    void aDiffOfOldEvidenceIs8() {
        gw2.status = Samples.bad();
        assertThat(run("diff").exitCode()).as("3 s old").isZero();
        gw2.status = Samples.stale();
        var run = run("diff");
        assertThat(run.exitCode()).isEqualTo(8);
        assertThat(run.out()).contains("the agent's last look is 13 min old");
    }

    @Test
    void historyReadsAllPagesAndShowsTheLast() {
        var run = run("history", "-n", "2", "-f", "tsv");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("\n4\t", "\n5\t", "mode SHARED -> RSYNC").hasLineCount(3);
        assertThat(gw2.asked).containsExactly("log 0", "log 2", "log 4", "log 5");
        assertThat(run("history", "-n", "0").exitCode()).isEqualTo(64);
    }

    @Test
    void holdsAndApprovalsAreTheManagers() {
        var id = Samples.hold().id();
        assertThat(run("holds").out()).startsWith("HOLD " + id).contains("lockstep approve " + id);
        var approved = run("approve", id);
        assertThat(approved.err()).isEmpty();
        assertThat(approved.exitCode()).isZero();
        assertThat(approved.out()).startsWith("Approved " + id);
        assertThat(gw1.asked).containsExactly("holds", "approve " + id);
        assertThat(gw2.asked).isEmpty();

        var other = run("approve", "0123456789ab");
        assertThat(other.exitCode()).isEqualTo(66);
        assertThat(other.err())
                .contains("no plan 0123456789ab waits here. Ask for holds: plans change")
                .hasLineCount(1);
        assertThat(run("approve", "../status").exitCode()).isEqualTo(64);
    }

    @Test
    void aPlanIsRejectedByTheManager() {
        var id = Samples.hold().id();
        var rejected = run("reject", id);
        assertThat(rejected.err()).isEmpty();
        assertThat(rejected.exitCode()).isZero();
        assertThat(rejected.out()).startsWith("Rejected " + id + ". gw1 puts back what is missing.");
        assertThat(gw1.asked).containsExactly("reject " + id);
        assertThat(run("reject", "0123456789ab").exitCode()).isEqualTo(66);
        assertThat(run("reject", "all").exitCode()).isEqualTo(64);
    }

    @Test
    void aRestoreIsPlannedFirstAndNeedsTheDigestOfWhatItDeletes() throws IOException {
        var digest = Samples.restore().planDigest().toString();
        var plan = run("restore", "--generation", "3.42", "--dry-run");
        assertThat(plan.err()).isEmpty();
        assertThat(plan.exitCode()).isZero();
        assertThat(plan.out())
                .contains("Deleted (30 files):", "... and 10 more", "Plan:                 " + digest)
                .contains("lockstep restore --generation 3.42 --approve " + digest);
        assertThat(run("restore", "--generation", "3.42", "--dry-run", "-f", "tsv")
                        .out())
                .startsWith("CHANGE\tPATH\nadded\tserver/api/back.xml\n");
        gw1.restore = Samples.restore().held("d9298a10d1b0");
        assertThat(run("restore", "--generation", "3.42").exitCode()).isEqualTo(75);
        gw1.restore = Samples.restore().in(RestoreReport.State.RUNNING);
        var done = run("restore", "--generation", "3.42", "--path", "server/a b", "--approve", digest);
        assertThat(done.exitCode()).as(done.err()).isZero();
        assertThat(done.out()).contains("as generation 3.43");
        assertThat(gw1.asked)
                .containsExactly(
                        "plan 3.42 null",
                        "plan 3.42 null",
                        "restore 3.42 null null",
                        "restore 3.42 server/a b " + digest,
                        "restored");
        gw1.restore = Samples.restore()
                .refused("the content of 1 file is nowhere", List.of(EntryPath.of("server/api/gone.xml")));
        var refused = run("restore", "--generation", "3.42");
        assertThat(refused.exitCode()).isEqualTo(69);
        assertThat(refused.out()).contains("server/api/gone.xml");
        assertThat(run("restore", "--generation", "latest").exitCode()).isEqualTo(64);
        assertThat(run("restore").exitCode()).isEqualTo(64);
        assertThat(run("restore", "--generation", "3.42", "--approve", "yes").exitCode())
                .isEqualTo(64);
    }

    @Test
    void aTreeIsAdoptedByTheManagerFirstAndThenByAll() {
        var run = run("adopt", "--from", "gw2");
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("gw1", "gw2");
        assertThat(gw1.asked).containsExactly("adopt gw2");
        assertThat(gw2.asked).containsExactly("adopt null");
    }

    @Test
    void conflictsAreThoseOfAllNodesAndOneThatIsNotReachedHasUnknownOnes() throws IOException {
        gw1.conflicts = Samples.conflicts();

        var run = run("conflicts");

        assertThat(run.out())
                .contains("0123456789ab", "gw1", "merge", "1.5 KiB", "server/api/a.xml")
                .contains("lockstep conflicts take ID --share")
                .contains("gw3 was not reached, so that its conflicts are unknown");
        assertThat(run.exitCode()).isEqualTo(69);
        assertThat(gw1.asked).containsExactly("conflicts");
        assertThat(gw2.asked).containsExactly("conflicts");
        var json = Json.mapper().readTree(run("conflicts", "list", "-f", "json").out());
        assertThat(json.path("nodes")
                        .path(0)
                        .path("conflicts")
                        .path(0)
                        .path("path")
                        .asText())
                .isEqualTo("server/api/a.xml");
        assertThat(json.path("unreached").path(0).path("node").asText()).isEqualTo("gw3");
        assertThat(run("conflicts", "-f", "tsv").out())
                .contains("0123456789ab\tgw1\tmerge\t")
                .endsWith("\t1536\tserver/api/a.xml\n");
    }

    @Test
    void aConflictIsShownAndDecidedWhereItLies() {
        gw1.conflicts = Samples.conflicts();

        assertThat(run("conflicts", "show", "0123456789ab").out())
                .startsWith("Conflict 0123456789ab on gw1: server/api/a.xml")
                .contains("generation 3.42 had another change there", "/var/lib/lockstep/conflicts/3.42/0.kept");
        var taken = run("conflicts", "take", "0123456789ab", "--share");
        assertThat(taken.err()).isEmpty();
        assertThat(taken.exitCode()).isZero();
        assertThat(taken.out()).contains("becomes that of the conflict on all nodes", "the trash of gw1");
        assertThat(run("conflicts", "take", "0123456789ab", "--live").out()).contains("stays as it is");
        assertThat(gw1.asked).contains("take 0123456789ab share", "take 0123456789ab live");
        assertThat(gw2.asked).containsOnly("conflicts");
    }

    @Test
    void whatIsNoConflictOrNoDecisionIsRefused() {
        gw1.conflicts = Samples.conflicts();

        // gw3 may have it.
        assertThat(run("conflicts", "show", "ffffffffffff").exitCode()).isEqualTo(69);
        assertThat(run("conflicts", "show", "../status").exitCode()).isEqualTo(64);
        assertThat(run("conflicts", "show").exitCode()).isEqualTo(64);
        assertThat(run("conflicts", "take", "0123456789ab").err()).contains("needs either --live or --share");
        assertThat(run("conflicts", "take", "0123456789ab", "--live", "--share").exitCode())
                .isEqualTo(64);
        assertThat(run("conflicts", "--live").exitCode()).isEqualTo(64);
        assertThat(run("conflicts", "drop").exitCode()).isEqualTo(64);
    }

    @Test
    void aShareIsRegisteredByTheManager() throws IOException {
        var run = run("register");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).startsWith("Tree server: gw1 registered share 4712.\n  Before:             4711\n");
        assertThat(gw1.asked).containsExactly("register null");
        assertThat(gw2.asked).isEmpty();
        var json = Json.mapper()
                .readTree(run("register", "--tree", "server", "-f", "json").out());
        assertThat(json.path(0).path("before").asText()).isEqualTo("4711");
        assertThat(json.path(0).path("after").asText()).isEqualTo("4712");
        assertThat(run("register", "-f", "tsv").out()).isEqualTo("TREE\tBEFORE\tAFTER\nserver\t4711\t4712\n");

        gw1.shares = List.of(new ShareRegistration("server", Optional.of("4712"), "4712"));
        assertThat(run("register").out()).startsWith("Tree server: share 4712 was registered already.\n");
        gw1.shares = List.of(new ShareRegistration("server", Optional.empty(), "4712"));
        assertThat(run("register").out()).contains("Before:             none");

        assertThat(run("register", "--tree", "other").exitCode()).isEqualTo(66);
        gw1.refuses = true;
        var refused = run("register");
        assertThat(refused.exitCode()).isEqualTo(75);
        assertThat(refused.err()).hasLineCount(1);
    }

    @Test
    void anInvalidConfigurationIs78AndAMissingOne66() throws IOException {
        Files.writeString(file, "cluster: {idd: prod}\n");
        var run = run("status");
        assertThat(run.exitCode()).isEqualTo(78);
        assertThat(run.err()).contains("See: lockstep check").hasLineCount(1);
        Files.delete(file);
        assertThat(run("status").exitCode()).isEqualTo(66);
    }
}

package io.lockstep.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code lockstep setup --host} as a person and as a program use it, with the layout that needs no mount. */
class HostSetupCommandIT {
    @TempDir
    private Path base;

    private Path file = Path.of("");
    private Path live = Path.of("");

    @BeforeEach
    void aGateway() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root gives files to others");
        base = base.toRealPath();
        live = Files.createDirectories(base.resolve("deployment/server"));
        Files.writeString(live.resolve("a.xml"), "<api/>");
        Files.createDirectories(base.resolve("share"));
        file = Files.writeString(base.resolve("lockstep.yml"), """
                cluster: {id: prod, manager: gw1, members: [{name: gw1, control: "https://127.0.0.1:9881"}]}
                node: {name: gw1, state: state}
                trees: [{name: server, share: share, live: deployment/server, replica: var/server}]
                """);
    }

    private Run setup(String... more) {
        var arguments = new java.util.ArrayList<>(java.util.List.of("setup", "--host", file.toString()));
        arguments.addAll(java.util.List.of(more));
        return Run.lockstep(arguments.toArray(new String[0]));
    }

    private JsonNode json(String... more) throws IOException {
        var arguments = new java.util.ArrayList<>(java.util.List.of(more));
        arguments.addAll(java.util.List.of("-f", "json"));
        return new JsonMapper().readTree(setup(arguments.toArray(new String[0])).out());
    }

    @Test
    void theStoryFromPlanToUndo() throws IOException {
        var plan = setup();
        assertThat(plan.exitCode()).isZero();
        assertThat(plan.out())
                .contains(
                        "1. Make the directory " + base + "/var",
                        "2. Copy all of " + live + " to " + base + "/var/server",
                        "Now:     there is no copy",
                        "Command: cp --archive --no-target-directory " + live + " " + base + "/var/server",
                        "3. Put a link to " + base + "/var/server in place of " + live,
                        "Nothing was done. With Gateway and agent stopped, as root:",
                        "ReadWritePaths=");
        assertThat(base.resolve("var")).doesNotExist();
        assertThat(base.resolve("state")).doesNotExist();

        var applied = json("--apply");
        assertThat(applied.path("state").asText()).isEqualTo("applied");
        assertThat(live).isSymbolicLink();
        assertThat(live.resolve("a.xml")).hasContent("<api/>");
        assertThat(live.resolveSibling("server.before-lockstep/a.xml")).exists();
        assertThat(json().path("state").asText()).isEqualTo("nothing");

        assertThat(setup("--undo").out()).contains("Undo: Put a link", "Nothing was done.");
        assertThat(live).isSymbolicLink();
        var undone = json("--undo", "--apply");
        assertThat(undone.path("state").asText()).isEqualTo("undone");
        assertThat(undone.path("left")).isEmpty();
        assertThat(Files.isSymbolicLink(live)).isFalse();
        assertThat(base.resolve("var")).doesNotExist();
        assertThat(json("--undo").path("state").asText()).isEqualTo("nothing");
    }

    @Test
    void aHostThatIsNotAsExpectedIsRefused() throws IOException {
        Files.createDirectories(base.resolve("var/server"));
        Files.writeString(base.resolve("var/server/other.xml"), "");

        var run = setup("--apply");

        assertThat(run.exitCode()).isEqualTo(78);
        assertThat(run.out()).contains("error: trees[0].replica", "nothing was done");
        assertThat(Files.isSymbolicLink(live)).isFalse();
        assertThat(json().path("obstacles").get(0).path("key").asText()).isEqualTo("trees[0].replica");
    }

    @Test
    void optionsThatDoNotGoTogetherAreRefused() {
        assertThat(setup("--cluster", "prod").err()).contains("everything else from its file");
        assertThat(Run.lockstep("setup", "--apply").err()).contains("--apply and --undo need --host");
        assertThat(Run.lockstep("setup", "--share", base.toString()).exitCode()).isEqualTo(64);
        assertThat(Run.lockstep("setup", "--share", base.toString()).err()).contains("--cluster is needed");
        assertThat(Run.lockstep("setup", "--host", base.resolve("away").toString())
                        .exitCode())
                .isEqualTo(66);
    }

    @Test
    void programsGetAStepALine() {
        assertThat(setup("-f", "tsv").out().lines().toList())
                .hasSizeGreaterThan(3)
                .first()
                .isEqualTo("NUMBER\tSTATE\tWHAT\tNOW\tCOMMAND");
    }
}

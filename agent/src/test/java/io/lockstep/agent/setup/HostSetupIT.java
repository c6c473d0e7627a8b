package io.lockstep.agent.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lockstep.agent.setup.GatewayHost.Layout;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Setup on hosts with real directories, files of others and mounts. */
class HostSetupIT {
    @TempDir
    private Path directory;

    /** What ends setup between two effects, as a crash does: nobody catches it. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    /** Ends at the n-th pass; counts them. */
    private static Checkpoint killAt(int pass, AtomicInteger passes) {
        return () -> {
            if (passes.getAndIncrement() == pass) {
                throw new Killed();
            }
        };
    }

    @ParameterizedTest
    @EnumSource
    void aPlanChangesNothingAndAnAppliedOneGoesBackExactly(Layout layout) throws Exception {
        try (var host = GatewayHost.make(directory, layout)) {
            var plan = host.plan();
            assertThat(plan.obstacles()).isEmpty();
            assertThat(plan.steps()).isNotEmpty().noneMatch(HostPlan.Planned::hasHappened);
            assertThat(plan.steps()).allSatisfy(planned -> {
                assertThat(planned.now()).isNotBlank();
                assertThat(planned.step().what()).isNotBlank();
                assertThat(planned.step().why()).isNotBlank();
                assertThat(planned.step().command()).isNotBlank();
            });

            new HostSetup(host.state).apply(plan);
            host.assertPrepared();
            // Again it finds nothing to do, and that does not make it forget the way back.
            host.apply();
            assertThat(new HostSetup(host.state).undo()).isEmpty();

            host.assertAsItWas();
            assertThat(new HostSetup(host.state).undoable()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void killedAnywhereItIsAppliedAgainOrUndone(Layout layout) throws Exception {
        var passes = new AtomicInteger();
        int pass = 0;
        do {
            for (boolean again : new boolean[] {true, false}) {
                try (var host = GatewayHost.make(directory.resolve(pass + "-" + again), layout)) {
                    passes.set(0);
                    var killed = new HostSetup(host.state, killAt(pass, passes));
                    try {
                        killed.apply(host.plan());
                    } catch (Killed e) {
                        assertThat(passes).hasValue(pass + 1);
                    }
                    if (again) {
                        host.apply();
                        host.assertPrepared();
                    }
                    assertThat(new HostSetup(host.state).undo()).isEmpty();
                    host.assertAsItWas();
                }
            }
            pass++;
        } while (passes.get() == pass);
        assertThat(pass).as("how many times it was killed").isGreaterThan(8);
    }

    @ParameterizedTest
    @EnumSource
    void killedWhileItGoesBackItGoesBackAgain(Layout layout) throws Exception {
        var passes = new AtomicInteger();
        int pass = 0;
        do {
            try (var host = GatewayHost.make(directory.resolve(String.valueOf(pass)), layout)) {
                host.apply();
                passes.set(0);
                try {
                    new HostSetup(host.state, killAt(pass, passes)).undo();
                } catch (Killed e) {
                    assertThat(passes).hasValue(pass + 1);
                }
                assertThat(new HostSetup(host.state).undo()).isEmpty();
                host.assertAsItWas();
            }
            pass++;
        } while (passes.get() == pass);
        assertThat(pass).as("how many times it was killed").isGreaterThan(4);
    }

    @Test
    void aFileThatIsWrittenMeanwhileStopsIt() throws Exception {
        var stopped = 0;
        var passes = new AtomicInteger();
        int pass = 0;
        do {
            try (var host = GatewayHost.make(directory.resolve(String.valueOf(pass)), Layout.LINK)) {
                passes.set(0);
                int at = pass;
                Checkpoint writing = () -> {
                    if (passes.getAndIncrement() == at) {
                        writeInto(host.live);
                    }
                };
                try {
                    new HostSetup(host.state, writing).apply(host.plan());
                } catch (IOException e) {
                    assertThat(e).hasMessageContaining("stop the Gateway");
                    assertThat(Files.isSymbolicLink(host.live)).isFalse();
                    stopped++;
                }
                var published = "synapse-configs/published.xml";
                assertThat(host.live.resolve(published).toFile().exists()
                                || TreeSurvey.aside(host.live)
                                        .resolve(published)
                                        .toFile()
                                        .exists()
                                || passes.get() <= at)
                        .as("what was written at pass " + pass + " is there")
                        .isTrue();
            }
            pass++;
            // The write of this round happened, so there may be a later place for one.
        } while (passes.get() >= pass);
        assertThat(stopped).as("how often it noticed").isGreaterThan(2);
    }

    private static void writeInto(Path live) {
        try {
            Files.writeString(live.resolve("synapse-configs/published.xml"), "<api/>");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void whatTheAgentDidSinceIsLeftAndTold() throws Exception {
        try (var host = GatewayHost.make(directory, Layout.LINK)) {
            host.apply();
            Files.writeString(host.replica.resolve("synapse-configs/later.xml"), "<api/>");
            Files.writeString(host.replica.resolveSibling(".lockstep/server/stage"), "");

            var left = new HostSetup(host.state).undo();

            assertThat(left)
                    .anyMatch(text -> text.contains(host.replica + " is left: it is no longer the same"))
                    .anyMatch(text -> text.contains(".lockstep/server is left: something is in it"));
            assertThat(host.replica.resolve("synapse-configs/later.xml")).exists();
            assertThat(Files.isSymbolicLink(host.live)).isFalse();
        }
    }

    @Test
    void aLinkThatTheAgentLedToTheShareGoesBackAndAnyOtherDoesNot() throws Exception {
        try (var host = GatewayHost.make(directory, Layout.LINK)) {
            host.apply();
            Files.delete(host.live);
            Files.createSymbolicLink(host.live, Path.of("/elsewhere"));
            assertThatThrownBy(() -> new HostSetup(host.state).undo())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(TreeSurvey.aside(host.live).toString());

            Files.delete(host.live);
            Files.createSymbolicLink(host.live, host.share);
            new HostSetup(host.state).undo();
            host.assertAsItWas();
        }
    }

    @Test
    void afterARestartOfTheHostItStillGoesBack() throws Exception {
        try (var host = GatewayHost.make(directory, Layout.BIND)) {
            host.apply();
            HostCommand.run(HostCommand.MOUNT, "umount", host.base + "/var/underlay");

            assertThat(new HostSetup(host.state).undo()).isEmpty();

            host.assertAsItWas();
        }
    }

    @Test
    void theHelpersFileThatWasThereComesBack() throws Exception {
        try (var host = GatewayHost.make(directory, Layout.BIND)) {
            Files.writeString(host.conf(), "# mine\n");
            host.apply();
            assertThat(host.conf()).content().contains("tree server " + host.share + " " + host.live);
            new HostSetup(host.state).undo();
            assertThat(host.conf()).hasContent("# mine\n");

            host.apply();
            Files.writeString(host.conf(), "# changed since\n");
            assertThat(new HostSetup(host.state).undo()).anyMatch(text -> text.contains("somebody changed it since"));
            assertThat(host.conf()).hasContent("# changed since\n");
        }
    }

    @Test
    void aJournalWhoseLastLineWasCutIsReadAndADamagedOneIsRefused() throws Exception {
        try (var host = GatewayHost.make(directory, Layout.LINK)) {
            host.apply();
            var journal = host.state.resolve(SetupJournal.NAME);
            var good = Files.readString(journal);
            Files.writeString(journal, "not a line\n" + good);
            assertThatThrownBy(() -> new HostSetup(host.state).undo()).hasMessageContaining("none of a journal");

            Files.writeString(journal, good + "{\"number\":9,\"sta");
            new HostSetup(host.state).undo();
            host.assertAsItWas();
        }
    }

    @Test
    void itDoesNotRunBesideAnAgent() throws Exception {
        try (var host = GatewayHost.make(directory, Layout.LINK)) {
            var lock = host.state.resolve("lock");
            try (var agent = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                assertThat(agent.lock().isValid()).isTrue();
                assertThatThrownBy(host::apply).hasMessageContaining("systemctl stop lockstep");
            }
            host.assertAsItWas();
        }
    }
}

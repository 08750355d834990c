using DeviceMqtt.Wire;
using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>A device on the bench: everything around it is a fake, and time moves by hand.</summary>
    internal sealed class Bench
    {
        internal const string ClientId = "GID_a@@@kitchen";
        internal const string Presence = "presence/GID_a@@@kitchen";
        internal const string Info = "dm/kitchen/info";
        internal const string Climate = "dm/kitchen/tele/climate";
        internal const string Commands = "dm/p2p/GID_a@@@kitchen";
        internal const string Answers = "dm/p2p/op";

        internal Bench(TelemetryClass telemetryClass = TelemetryClass.Kept, int periodMs = 1000, IRingFile? ring = null, IRingFile? commandFile = null, bool isStandard = false)
        {
            Options = new DeviceOptions
            {
                ClientId = ClientId,
                DeviceName = "kitchen",
                Firmware = "1.2.3",
                Board = "bench",
                ResetCause = "power",
                BootId = 77,
                OutboxBytes = 1024,
            };
            Loop = new DeviceLoop(Options, Clock, Factory, Background, Log, ring, commandFile);
            Relay = new EventSource("relay", "on");
            Loop.Add(new TelemetryStream("climate", Sensor, periodMs, telemetryClass));
            Loop.Add(Relay);
            Loop.Add(new SwitchCommand(Output, Relay));
            if (isStandard)
            {
                Loop.AddStandardCommands(Pins, Store);
            }
            else
            {
                Loop.Add(new PingCommand());
            }
        }

        internal DeviceOptions Options { get; }

        internal DeviceLoop Loop { get; }

        internal EventSource Relay { get; }

        internal FakeClock Clock { get; } = new FakeClock();

        internal FakeClientFactory Factory { get; } = new FakeClientFactory();

        internal FakeBackground Background { get; } = new FakeBackground();

        internal FakeLog Log { get; } = new FakeLog();

        internal FakeSensor Sensor { get; } = new FakeSensor();

        internal FakeOutput Output { get; } = new FakeOutput();

        internal FakePins Pins { get; } = new FakePins();

        internal FakeStore Store { get; } = new FakeStore();

        internal long NowMs { get; private set; }

        internal FakeMqttClient Client => Factory.Last;

        /// <summary>Lets time pass and ticks once.</summary>
        internal void Tick(int ms = 50)
        {
            NowMs += ms;
            if (Clock.UnixMs >= 0)
            {
                Clock.UnixMs += ms;
            }

            Loop.Tick(NowMs);
        }

        /// <summary>Lets time pass in ticks of 50 ms.</summary>
        internal void Run(int ms)
        {
            for (int left = ms; left > 0; left -= 50)
            {
                Tick(50);
            }
        }

        /// <summary>A command arrives, and the ticks in which it is carried out and answered.</summary>
        internal void Send(string json)
        {
            Client.Deliver(Commands, json);
            Run(100);
        }

        /// <summary>What <c>op</c> was answered last.</summary>
        internal string Answer()
        {
            return Client.LastOf(Answers);
        }

        /// <summary>An error as it is answered.</summary>
        internal static string Error(string id, int code)
        {
            return string.Concat(string.Concat("{\"id\":", id, ",\"st\":\"err\",\"code\":"), code.ToString(), string.Concat(",\"why\":\"", CommandErrorText.Of(code), "\"}"));
        }

        /// <summary>Ticks until the device is connected and has told everything.</summary>
        internal void ConnectAndSettle()
        {
            Run(300);
        }

        /// <summary>Ticks until the device is connected; an hour of them at most.</summary>
        internal void TickUntilUp()
        {
            for (int ticks = 0; Loop.Link != LinkState.Up; ticks++)
            {
                Assert.IsTrue(ticks < 72000, "the device does not connect");
                Tick();
            }
        }

        /// <summary>The network fails, and the tick in which the device notices.</summary>
        internal void DropLink()
        {
            Client.Drop();
            Tick(50);
        }
    }
}

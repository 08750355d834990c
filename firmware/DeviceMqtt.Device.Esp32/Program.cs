using System;
using System.Threading;
using nanoFramework.Runtime.Native;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>Where a board begins.</summary>
    internal static class Program
    {
        // Long enough to read the line, and to flash another firmware before it happens again.
        private const int CrashPauseMs = 10_000;

        internal static void Main()
        {
            FlashFiles files = new FlashFiles(FlashFiles.Drive);
            BoardApplication application = new BoardApplication(
                files,
                new FlashRingFile(string.Concat(FlashFiles.Drive, FlashFileName.Outbox), DeviceLimits.FlashFileBytes),
                new FlashRingFile(string.Concat(FlashFiles.Drive, FlashFileName.Commands), DeviceLimits.CommandFileBytes));
            try
            {
                application.Run();
                // It was asked to restart, or has planned to; or the chip refuses to sleep, and then it boots at once instead of later.
                Power.RebootDevice(RebootOption.NormalReboot);
            }
            catch (Exception e)
            {
                // The outermost edge: without this the runtime would stop for good. The next birth says that it was a crash.
                Console.WriteLine(string.Concat("CRASH: ", e.ToString()));
                application.Record.MarkRestart(BootRecord.Crash);
                Thread.Sleep(CrashPauseMs);
                Power.RebootDevice(RebootOption.NormalReboot);
            }
        }
    }
}

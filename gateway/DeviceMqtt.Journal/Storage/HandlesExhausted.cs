namespace DeviceMqtt.Journal;

/// <summary>Tells an error that says "too many files are open" from one of the disk: it passes when others close theirs.</summary>
internal static class HandlesExhausted
{
    private const int OfTheSystem = 23; // ENFILE
    private const int OfTheProcess = 24; // EMFILE
    private const int WindowsTooManyOpenFiles = unchecked((int)0x80070004);

    public static bool Is(IOException exception) => exception.HResult is OfTheSystem or OfTheProcess or WindowsTooManyOpenFiles;
}

namespace DeviceMqtt.Journal.Tests;

/// <summary>
/// What a <see cref="Book"/> holds: the sum of its notes, and 128 bits that stand for the things that are in it, in whatever order they came. A thing that comes or goes changes them by itself:
/// a book has thousands of states, and to read all its things for each took most of the time of these tests.
/// </summary>
internal sealed record BookState(long Sum, int Things, ulong Differences, ulong Total)
{
    private const ulong First = 0x9E37_79B9_7F4A_7C15; // SplitMix64's: https://prng.di.unimi.it/splitmix64.c
    private const ulong Second = 0xBF58_476D_1CE4_E5B9;
    private const ulong Third = 0x94D0_49BB_1331_11EB;

    public static BookState Empty { get; } = new(0, 0, 0, 0);

    public BookState With(long thing) => new(Sum, Things + 1, Differences ^ Mixed((ulong)thing), unchecked(Total + Mixed(~(ulong)thing)));

    public BookState Without(long thing) => new(Sum, Things - 1, Differences ^ Mixed((ulong)thing), unchecked(Total - Mixed(~(ulong)thing)));

    private static ulong Mixed(ulong value)
    {
        unchecked
        {
            value += First;
            value = (value ^ (value >> 30)) * Second;
            value = (value ^ (value >> 27)) * Third;
            return value ^ (value >> 31);
        }
    }
}

namespace DeviceMqtt.Firmware.Tests.IlCheck;

/// <summary>What can be wrong with code that is to run on a board. One for each row of the table that nanoFramework's users learn the hard way.</summary>
internal enum IlRule
{
    /// <summary>A type that the board does not have.</summary>
    TypeMissing,

    /// <summary>A method, constructor or field that the board does not have.</summary>
    MemberMissing,

    /// <summary>An attribute that the board does not have and that the compiler did not add by itself.</summary>
    AttributeMissing,

    /// <summary>A generic type or method, or a use of one, Action&lt;T&gt; and Func&lt;T&gt; among them.</summary>
    Generic,

    /// <summary>An array with more than one dimension.</summary>
    MultidimensionalArray,

    /// <summary>A delegate type that the compiler made up for a lambda.</summary>
    NaturalTypeLambda,

    /// <summary>stackalloc.</summary>
    StackAlloc,

    /// <summary>Arithmetic that throws on overflow on a PC and does not on a board.</summary>
    Checked,

    /// <summary>A format like "0.00", which a board prints as it stands.</summary>
    CustomFormat,

    /// <summary>The text of an enum value, which is its number on a board.</summary>
    EnumText,

    /// <summary>A floating point division by the constant zero, or what the compiler made of it: infinity or not a number.</summary>
    DivisionByZero,

    /// <summary>
    /// A <c>string[]</c> with elements that nobody assigns where it is made. To compare such an element is an access fault in the runtime, wherever
    /// the element has gone meanwhile: through a field, a local, a result. So the array is filled where it is made, or it is reported.
    /// </summary>
    UnassignedText,

    /// <summary>
    /// A text with U+0000 in it, where it ends on a board, or with a surrogate: a pair becomes replacement characters there. In code, and in an attribute
    /// (a data row of a test). A test that needs such a text makes it out of bytes, or belongs to the PC.
    /// </summary>
    TextNotHeld,
}

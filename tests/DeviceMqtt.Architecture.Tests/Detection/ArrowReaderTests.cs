using Microsoft.CodeAnalysis;

namespace DeviceMqtt.Architecture.Tests.Detection;

/// <summary>Each way in which one file (A) can name another (B) is seen; what is not seen is written down too.</summary>
[TestClass]
public sealed class ArrowReaderTests
{
    // Declarations.
    [TestMethod]
    [DataRow("class A : B { } class B { }", DisplayName = "base class")]
    [DataRow("class A : B { } interface B { }", DisplayName = "interface")]
    [DataRow("class A : List<B> { } class B { }", DisplayName = "argument of a generic base class")]
    [DataRow("class A : IEquatable<B> { bool IEquatable<B>.Equals(B? other) => true; } class B { }", DisplayName = "explicit interface implementation")]
    [DataRow("class A<T> where T : B { } class B { }", DisplayName = "constraint of a type")]
    [DataRow("class A { void F<T>() where T : List<B> { } } class B { }", DisplayName = "constraint of a method")]
    [DataRow("[B] class A { } class B : Attribute { }", DisplayName = "attribute of a type")]
    [DataRow("class A { [B] int f; } class B : Attribute { }", DisplayName = "attribute of a field")]
    [DataRow("class A { [B] int F => 1; } class B : Attribute { }", DisplayName = "attribute of a property")]
    [DataRow("class A { [B] event Action? F; } class B : Attribute { }", DisplayName = "attribute of an event")]
    [DataRow("class A { void F([B] int x) { } } class B : Attribute { }", DisplayName = "attribute of a parameter")]
    [DataRow("class A { [return: B] int F() => 1; } class B : Attribute { }", DisplayName = "attribute of a return value")]
    [DataRow("class A<[B] T> { } class B : Attribute { }", DisplayName = "attribute of a type parameter")]
    [DataRow("[C(typeof(B))] class A { } class B { } class C : Attribute { public C(Type x) { } }", DisplayName = "typeof in an attribute")]
    [DataRow("[C(typeof(List<B.Inner[]>))] class A { } class B { public class Inner { } } class C : Attribute { public C(Type x) { } }", DisplayName = "nested generic typeof in an attribute")]
    [DataRow("[C(B.One)] class A { } enum B : byte { One } class C : Attribute { public C(B x) { } }", DisplayName = "enum in an attribute")]
    [DataRow("[C(F = B.One)] class A { } enum B : byte { One } class C : Attribute { public B F { get; set; } }", DisplayName = "enum in a named argument of an attribute")]
    public void Declaration_ThatNamesAnother_IsSeen(string source) => Sees(source);

    [TestMethod]
    [DataRow("class A { B? f; } class B { }", DisplayName = "field")]
    [DataRow("class A { List<B>? f; } class B { }", DisplayName = "generic argument of a field")]
    [DataRow("class A { Dictionary<string, List<B[]>>? f; } class B { }", DisplayName = "argument of an argument")]
    [DataRow("class A { B[,]? f; } class B { }", DisplayName = "array")]
    [DataRow("class A { B? f; } struct B { }", DisplayName = "nullable value")]
    [DataRow("class A { (int, B) f; } class B { }", DisplayName = "tuple")]
    [DataRow("class A { B<int>? f; } class B<T> { }", DisplayName = "generic type")]
    [DataRow("unsafe class A { B* f; } struct B { }", DisplayName = "pointer")]
    [DataRow("unsafe class A { delegate*<B, void> f; } class B { }", DisplayName = "function pointer")]
    [DataRow("class A { B F { get; set; } } enum B { One }", DisplayName = "property")]
    [DataRow("abstract class A { protected abstract B this[int i] { get; } } class B { }", DisplayName = "indexer")]
    [DataRow("class A { event B? F; } delegate void B();", DisplayName = "event")]
    [DataRow("class A { void F(B x) { } } class B { }", DisplayName = "parameter")]
    [DataRow("class A { void F(in B x, out int y) => y = 0; } class B { }", DisplayName = "parameter by reference")]
    [DataRow("class A { B? F() => null; } class B { }", DisplayName = "return value")]
    [DataRow("delegate void A(B x); class B { }", DisplayName = "parameter of a delegate")]
    [DataRow("record A(B X); class B { }", DisplayName = "parameter of a record")]
    [DataRow("interface A { B? F(); } class B { }", DisplayName = "method of an interface")]
    public void Signature_ThatNamesAnother_IsSeen(string source) => Sees(source);

    [TestMethod]
    [DataRow("class A { void F() => new B(); } class B { }", DisplayName = "new")]
    [DataRow("class A { void F() => B.G(); } class B { public static void G() { } }", DisplayName = "static call")]
    [DataRow("class A { void F(C c) => c.G().H(); } class B { public void H() { } } class C { public B G() => new(); }", DisplayName = "call on what a call returned")]
    [DataRow("class A { void F() => 1.G(); } static class B { public static void G(this int x) { } }", DisplayName = "extension method")]
    [DataRow("class A { int F() => B.G; } class B { public static int G; }", DisplayName = "static field")]
    [DataRow("class A { int F(C c) => c.G.H; } class B { public int H; } class C { public B G = new(); }", DisplayName = "field of a field")]
    [DataRow("class A { int F(C c) => c.G.H; } class B { public int H => 1; } class C { public B G = new(); }", DisplayName = "property of a field")]
    [DataRow("class A { Type F() => typeof(B); } class B { }", DisplayName = "typeof")]
    [DataRow("class A { Type F() => typeof(B<>); } class B<T> { }", DisplayName = "typeof of an open generic type")]
    [DataRow("class A { object F(object x) => (B)x; } class B { }", DisplayName = "cast")]
    [DataRow("class A { bool F(object x) => x is B; } class B { }", DisplayName = "is")]
    [DataRow("class A { object F() => new B[2]; } class B { }", DisplayName = "array creation")]
    [DataRow("class A { object F() => default(B); } struct B { }", DisplayName = "boxing")]
    [DataRow("class A { object F() => new List<B>(); } class B { }", DisplayName = "argument of a generic type")]
    [DataRow("class A { object F() => Array.Empty<B>(); } class B { }", DisplayName = "argument of a generic method")]
    [DataRow("class A { object F() => B<int>.G(); } class B<T> { public static object G() => 1; }", DisplayName = "call of a generic type")]
    [DataRow("class A { Action F() => B.G; } class B { public static void G() { } }", DisplayName = "method group")]
    [DataRow("class A { void F() { try { F(); } catch (B) { } } } class B : Exception { }", DisplayName = "catch")]
    [DataRow("unsafe class A { void F(delegate*<void*, void> x) => ((delegate*<B, void>)x)(null!); } class B { }", DisplayName = "call through a pointer")]
    [DataRow("class A { void F(C c) => c.G(B.One); } class C { public void G(B x) { } } enum B { One }", DisplayName = "enum as an argument")]
    [DataRow("class A { bool F(C c) => c.G == B.One; } class C { public B G; } enum B { One }", DisplayName = "enum compared")]
    [DataRow("class A { bool F(C<int> c) => c.G() == B.One; } class C<T> { public B G() => default; } enum B { One }", DisplayName = "enum of a generic type's method")]
    public void Body_ThatNamesAnother_IsSeen(string source) => Sees(source);

    [TestMethod]
    [DataRow("class A { Func<object> F() => () => new B(); } class B { }", DisplayName = "lambda")]
    [DataRow("class A { Func<object> F(int y) => () => new B(y); } class B { public B(int y) { } }", DisplayName = "closure")]
    [DataRow("class A { int F(int[] x) => x.Count(y => B.G(y)); } class B { public static bool G(int y) => true; }", DisplayName = "lambda as an argument")]
    [DataRow("class A { async Task F() { await Task.Yield(); B.G(); } } class B { public static void G() { } }", DisplayName = "async method")]
    [DataRow("class A { IEnumerable<int> F() { yield return B.G(); } } class B { public static int G() => 1; }", DisplayName = "iterator")]
    [DataRow("class A { void F() { G(); static void G() => B.H(); } } class B { public static void H() { } }", DisplayName = "local function")]
    [DataRow("class A { class Inner { B? f; } } class B { }", DisplayName = "nested type")]
    [DataRow("class A { B.Inner? f; } class B { public class Inner { } }", DisplayName = "nested type of the other")]
    [DataRow("class A { static readonly object f = new B(); } class B { }", DisplayName = "initializer")]
    public void CodeTheCompilerMoves_IsSeenAsTheFileItStandsIn(string source) => Sees(source);

    [TestMethod]
    public void Local_IsSeen_InADebugBuild() =>
        Assert.Contains("A -> B", Planted.Arrows("class A { object? F(C c) { var x = c.G(); return x; } } class B { } class C { public B? G() => null; }", OptimizationLevel.Debug));

    [TestMethod]
    [DataRow("class A { int F() => B.G; } class B { public const int G = 1; }", DisplayName = "constant")]
    [DataRow("class A { string F() => nameof(B); } class B { }", DisplayName = "nameof")]
    [DataRow("class A { object? F(C c) => c.G(); } class B { } class C { public B? G() => null; }", DisplayName = "handed on, never named")]
    public void WhatTheCompilerLeavesOut_IsNotSeen(string source) => Assert.DoesNotContain("A -> B", Planted.Arrows(source));

    [TestMethod]
    public void FileThatNamesOnlyItself_HasNoArrow() =>
        Assert.IsEmpty(Planted.Arrows("class A { A? f; Inner? g; class Inner { A? f; } Func<A> F() => () => new A(); } class A<T> { A? f; }"));

    [TestMethod]
    [DataRow("class A { void F() => new B(); } class B { }", "F", DisplayName = "method")]
    [DataRow("class A { Func<object> F(int y) => () => new B(y); } class B { public B(int y) { } }", "F", DisplayName = "closure")]
    [DataRow("class A { async Task F() { await Task.Yield(); B.G(); } } class B { public static void G() { } }", "F", DisplayName = "async method")]
    [DataRow("class A : B { } class B { }", "declaration", DisplayName = "base class")]
    public void Arrow_HasTheNameOfTheMemberInTheSource(string source, string member) => Assert.Contains(member, Planted.Members(source, "A", "B"));

    private static void Sees(string source)
    {
        IReadOnlyList<string> arrows = Planted.Arrows(source);
        Assert.Contains("A -> B", arrows);
        Assert.DoesNotContain("B -> A", arrows);
    }
}

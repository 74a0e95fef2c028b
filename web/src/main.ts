import './style.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { Admin } from './panels/admin.svelte';
import { Commitments } from './panels/commitments.svelte';
import { Desk } from './panels/desk.svelte';
import { kept } from './panels/kept';
import { Partners } from './panels/partners.svelte';
import { Watch } from './panels/watch.svelte';
import { language, LANGUAGES, say, speak, understood, type Language } from './words/words';

const chosen = kept<Language>('language');
speak(chosen !== null && chosen in LANGUAGES ? chosen : understood(navigator.languages));
document.documentElement.lang = language();
document.title = say('app.title');

const watch = new Watch();
const desk = new Desk(watch);
const partners = new Partners(watch);
const commitments = new Commitments(watch);
const admin = new Admin(watch);
watch.paint(watch.palette);
// Who is signed in is asked first: the node answers while the page is being put together.
void watch.begin();
mount(App, { target: document.getElementById('page')!, props: { watch, desk, partners, commitments, admin } });
